import { chmod, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "./bundle.ts";

/** The cache lies beside the bundle, where only who may write the program may write: never in a shared folder. */
const launcher = `#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
enableCompileCache(join(import.meta.dirname, ".compile-cache"));
await import("./berth-main.js");
`;

export async function buildCli(root: string, output: string): Promise<void> {
  const folder = join(output, "cli");
  await bundle({
    entries: {
      "berth-main": join(root, "core/main/main.ts"),
      "sqlite-worker": join(root, "core/store/sqlite-worker.ts"),
    },
    folder,
  });
  await writeFile(join(folder, "berth.js"), launcher);
  await chmod(join(folder, "berth.js"), 0o755);
  // Who puts the folder on his PATH types `berth`.
  await rm(join(folder, "berth"), { force: true });
  await symlink("berth.js", join(folder, "berth"));
}
