import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newPlugin } from "./new-plugin.ts";
import { scaffoldContracts, scaffoldLanguages } from "./scaffold.ts";

/** `npm run new-plugin -- --contract csi --id foo [--lang ts|python] [--folder DIR] [--sdk VERSION]`. */
const usage = `usage: npm run new-plugin -- --contract ${scaffoldContracts.join("|")} --id NAME [--lang ${scaffoldLanguages.join("|")}] [--folder DIR] [--sdk VERSION]

Writes a plugin that starts, shakes hands and has a test, into plugins/NAME or DIR.

Example:
  npm run new-plugin -- --contract device --id demo
`;
const values = readOptions();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const contract = scaffoldContracts.find((one) => one === values.contract);
const lang = scaffoldLanguages.find((one) => one === values.lang);
if (!contract || !lang || values.id === undefined) {
  process.stderr.write(usage);
  process.exit(1);
}
const folder = values.folder ?? join(import.meta.dirname, "../../plugins", values.id);
try {
  const files = await newPlugin({ id: values.id, contract, lang, folder, sdk: values.sdk });
  const next =
    lang === "ts" ? `node ${join(folder, "main.ts")} --help` : `cd ${folder} && /usr/bin/python3 -m unittest`;
  process.stdout.write(`${folder}: ${files.join(", ")}\nNext: ${next}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}

/** Ends the process when an option is none that is known. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        contract: { type: "string" },
        id: { type: "string" },
        lang: { type: "string", default: "ts" },
        folder: { type: "string" },
        sdk: { type: "string", default: workspaceVersion() },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    return process.exit(1);
  }
}

/** All workspaces carry one version. */
function workspaceVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
