import { createHash } from "node:crypto";

/** One file of a package. */
export interface TreeEntry {
  /** Relative to the package's folder, with forward slashes. */
  readonly path: string;
  readonly executable: boolean;
  /** Lower-case hex of its bytes. */
  readonly sha256: string;
}

/**
 * The digest of a package: SHA-256 over one line a file, sorted by path in byte order: mode (0555 or 0444, for only
 * the execute bit survives packing and umasks), sha256, path.
 */
export function treeDigest(entries: readonly TreeEntry[]): string {
  const hash = createHash("sha256");
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  for (const entry of sorted) {
    hash.update(`${entry.executable ? "0555" : "0444"} ${entry.sha256} ${JSON.stringify(entry.path)}\n`);
  }
  return `sha256:${hash.digest("hex")}`;
}
