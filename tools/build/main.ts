import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildCli } from "./cli.ts";
import { buildPlugins } from "./plugins.ts";
import { buildSdk } from "./sdk.ts";

const root = join(import.meta.dirname, "../..");
const output = join(root, "dist");

for (const folder of ["cli", "plugins"]) await rm(join(output, folder), { recursive: true, force: true });
await mkdir(output, { recursive: true });
await Promise.all([buildCli(root, output), buildPlugins(root, output), buildSdk(root, output)]);
