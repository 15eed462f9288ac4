import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const skipped = new Set(["node_modules", "dist", "generated", ".git"]);

/** sha256 over the paths and contents of files and folders, in sorted order. */
export function fingerprint(root, paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) if (!skipped.has(name)) visit(join(path, name));
    } else {
      hash.update(`${path}\0`).update(readFileSync(full)).update("\0");
    }
  };
  for (const path of paths) visit(path);
  return hash.digest("hex");
}

/** Runs `make` unless `marker` says that it was made from the same inputs; answers whether it ran. */
export async function onChange(marker, value, make) {
  if (existsSync(marker) && readFileSync(marker, "utf8") === value) return false;
  await make();
  writeFileSync(marker, value);
  return true;
}
