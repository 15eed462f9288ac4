import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newPlugin, scaffoldContracts } from "./new-plugin.ts";

/** `npm run new-plugin -- --contract csi --id foo [--folder DIR] [--sdk VERSION]`. */
const { values } = parseArgs({
  options: {
    contract: { type: "string" },
    id: { type: "string" },
    folder: { type: "string" },
    sdk: { type: "string", default: workspaceVersion() },
  },
});
const contract = scaffoldContracts.find((one) => one === values.contract);
if (!contract || values.id === undefined) {
  process.stderr.write(
    `usage: npm run new-plugin -- --contract ${scaffoldContracts.join("|")} --id NAME [--folder DIR] [--sdk VERSION]\n`,
  );
  process.exit(1);
}
const folder = values.folder ?? join(import.meta.dirname, "../../plugins", values.id);
try {
  const files = await newPlugin({ id: values.id, contract, folder, sdk: values.sdk });
  process.stdout.write(
    `${folder}: ${files.join(", ")}\nNext: npm install, then node ${folder}/main.ts --help\n`,
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}

/** All workspaces carry one version. */
function workspaceVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
