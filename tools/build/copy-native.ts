import { copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** As it is called beside a bundle. */
export const nativeFile = "koffi.node";

/**
 * Puts the native foreign-function interface beside a bundle, with its licence, so that a package is complete in itself:
 * what its digest covers is what runs. For this machine's architecture and glibc, as the Node that builds.
 */
export async function copyNative(folder: string): Promise<void> {
  const library = dirname(require.resolve("koffi"));
  const binary = join(
    library,
    "..",
    "@koromix",
    `koffi-linux-${process.arch}`,
    `linux_${process.arch}`,
    "koffi.node",
  );
  await copyFile(binary, join(folder, nativeFile));
  await copyFile(join(library, "LICENSE.txt"), join(folder, `${nativeFile}.LICENSE.txt`));
}
