import { globSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildCli } from "./cli.ts";
import { buildCni } from "./cni.ts";
import { buildConformance } from "./conformance.ts";
import { emitDeclarations } from "./declarations.ts";
import { buildPlugins } from "./plugins.ts";
import { buildSdk } from "./sdk.ts";

const root = join(import.meta.dirname, "../..");
const output = join(root, "dist");

for (const folder of ["cli", "cni", "plugins", "conformance", "types"])
  await rm(join(output, folder), { recursive: true, force: true });
await mkdir(output, { recursive: true });
await Promise.all([
  buildCli(root, output),
  buildCni(root, output),
  buildPlugins(root, output),
  buildSdk(root, output),
  buildConformance(root, output),
  emitDeclarations(root, programs(), join(output, "types")),
]);

/** What is built beside the SDK, whose package holds its own declarations. */
function programs(): string[] {
  return ["core/main/main.ts", "conformance/index.ts", ...globSync("plugins/*/index.ts", { cwd: root })];
}
