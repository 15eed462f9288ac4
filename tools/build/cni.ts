import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

/** A CNI runtime starts it for each call: what compiles once need not compile again. */
const launcher = `#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
enableCompileCache(join(import.meta.dirname, ".compile-cache"));
await import("./berth-cni-main.js");
`;

/** `dist/cni/berth-cni`: the executable by which CNI runtimes reach a berth.cni.v1 plugin. */
export async function buildCni(root: string, output: string): Promise<void> {
  const folder = join(output, "cni");
  await bundle({ entries: { "berth-cni-main": join(root, "lib/cni/main.ts") }, folder });
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
  await writeFile(join(folder, "berth-cni.js"), launcher);
  await chmod(join(folder, "berth-cni.js"), 0o755);
}
