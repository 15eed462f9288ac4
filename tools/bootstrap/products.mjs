import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, onChange } from "./fingerprint.mjs";
import { run } from "./run.mjs";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");
const node = join(root, "node_modules/.bin/node");
const sources = ["core", "lib", "sdk", "conformance", "plugins", "proto", "tools", "package-lock.json"];

/** Generates types and tables, then bundles core, SDK, conformance and plugins; skipped when nothing changed. */
export async function prepareProducts(say) {
  mkdirSync(join(root, "dist"), { recursive: true });
  const made = await onChange(join(root, "dist/.made-from"), fingerprint(root, sources), async () => {
    say("generating…");
    await run(node, ["tools/generate/main.ts"], { cwd: root });
    say("bundling…");
    await run(node, ["tools/build/main.ts"], { cwd: root });
    await run(
      node,
      ["tools/example-image/main.ts", "--reference", "berth.dev/hello:1", "--output", "dist/hello.tar"],
      {
        cwd: root,
      },
    );
  });
  return made ? "made" : undefined;
}
