import { cp, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** Directories, programs and descriptions; no documentation, C++ or other machine's binary. */
const wanted = /\/[^./]+$|\.(c?js|node)$|package\.json$|LICENSE/;
const unwanted = /\/koffi\/(doc|vendor)|musl|cnoke/;

/**
 * Puts the native foreign-function interface beside a bundle, without its sources and documentation, so that a
 * package is complete in itself: what its digest covers is what runs.
 */
export async function copyNative(folder: string): Promise<void> {
  const library = dirname(require.resolve("koffi"));
  const scope = join(library, "..", "@koromix");
  const binary = `koffi-linux-${process.arch}`;
  const modules = join(folder, "node_modules");
  await mkdir(modules, { recursive: true });
  const filter = (path: string): boolean => wanted.test(path) && !unwanted.test(path);
  await cp(library, join(modules, "koffi"), { recursive: true, filter });
  await cp(join(scope, binary), join(modules, "@koromix", binary), { recursive: true, filter });
}
