import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { readEntry, readTree, type TreeEntry } from "./read-tree.ts";

/**
 * What spec.digest must be for the package in this folder: "sha256:…". Copies to `copyTo`, where it is given, the very
 * bytes that were hashed.
 */
export async function digestFolder(folder: string, copyTo?: string): Promise<string> {
  return treeDigest(await readTree(folder, copyTo));
}

/** The digest of one executable: that of its bytes, as sha256sum prints it. */
export async function digestExecutable(path: string, copyTo?: string): Promise<string> {
  const { sha256 } = await readEntry(dirname(path), basename(path), copyTo, { executable: true });
  return `sha256:${sha256}`;
}

/**
 * SHA-256 over one line a file, sorted by path in byte order: mode (0555 or 0444, for only
 * the execute bit survives packing and umasks), sha256, path.
 */
function treeDigest(entries: readonly TreeEntry[]): string {
  const hash = createHash("sha256");
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  for (const entry of sorted) {
    hash.update(`${entry.executable ? "0555" : "0444"} ${entry.sha256} ${JSON.stringify(entry.path)}\n`);
  }
  return `sha256:${hash.digest("hex")}`;
}
