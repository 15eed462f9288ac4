import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { rehearse } from "./rehearse.ts";

/**
 * Bundles a plugin's main program as one that starts fast: `main.js` runs `program.js` with what V8 made of it when it ran
 * here, kept in `program.cache`. All three are part of the package that is hashed; a start writes nothing, and another
 * Node than this one finds that the cache is not its own, compiles the program anew, and says so.
 */
export async function buildProgram(source: string, folder: string): Promise<void> {
  await bundle({ entries: { program: source }, folder, format: "script" });
  await copyFile(join(import.meta.dirname, "start-program.cjs"), join(folder, "main.js"));
  await writeFile(join(folder, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
  await rehearse(folder);
}
