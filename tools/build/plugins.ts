import { existsSync } from "node:fs";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

/** Each plugin becomes a folder of its own under dist/plugins that the host can pin by digest and run. */
export async function buildPlugins(root: string, output: string): Promise<void> {
  const folder = join(root, "plugins");
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, "plugin.json")));
  await Promise.all(names.map((name) => buildPlugin(join(folder, name), join(output, "plugins", name))));
}

async function buildPlugin(source: string, target: string): Promise<void> {
  await bundle({ entries: { main: join(source, "main.ts") }, folder: target });
  const manifest = JSON.parse(await readFile(join(source, "plugin.json"), "utf8")) as { entry: string[] };
  manifest.entry = manifest.entry.map((word) => (word === "main.ts" ? "main.js" : word));
  await writeFile(join(target, "plugin.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  // Without it Node reads the bundle as CommonJS first.
  await writeFile(join(target, "package.json"), `${JSON.stringify({ type: "module" })}\n`);
  if (existsSync(join(source, "README.md")))
    await copyFile(join(source, "README.md"), join(target, "README.md"));
}
