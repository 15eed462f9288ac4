import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildProgram } from "./program.ts";

/** Each plugin becomes a folder of its own under dist/plugins that the host can pin by digest and run. */
export async function buildPlugins(root: string, output: string): Promise<void> {
  const folder = join(root, "plugins");
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, "plugin.json")));
  await Promise.all(names.map((name) => buildPlugin(join(folder, name), join(output, "plugins", name))));
}

/** Makes the package of the plugin whose sources lie in `source`. */
export async function buildPlugin(source: string, target: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(source, "plugin.json"), "utf8")) as { entry: string[] };
  manifest.entry = manifest.entry.map((word) => (word === "main.ts" ? "main.js" : word));
  await mkdir(target, { recursive: true });
  await writeFile(join(target, "plugin.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  if (existsSync(join(source, "README.md")))
    await copyFile(join(source, "README.md"), join(target, "README.md"));
  await buildProgram(join(source, "main.ts"), target);
}
