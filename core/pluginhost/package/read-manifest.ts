import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, errorMessage } from "@berth/base";
import { isErrno } from "@berth/linux";
import { badSource } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { parseManifest } from "../manifest/parse-manifest.ts";

/** The checked plugin.json of a package's folder. Rejects with a BerthError that names the file and every problem. */
export async function readManifestOf(folder: string): Promise<Manifest> {
  const path = join(folder, "plugin.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR"))
      throw new BerthError(badSource, `there is no plugin.json in ${folder}, or no such folder`);
    throw new BerthError(badSource, `cannot read the manifest of ${folder}: ${errorMessage(error)}`);
  }
  return parseManifest(text, path);
}
