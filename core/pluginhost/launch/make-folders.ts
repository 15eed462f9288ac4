import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { InstancePaths } from "./instance-paths.ts";

/** Makes the folders of one plugin: its own are closed to others, those above may be passed through. */
export async function makeFolders(paths: InstancePaths): Promise<void> {
  const kept = dirname(paths.state);
  for (const folder of [dirname(paths.folder), dirname(kept), kept]) await make(folder, 0o711);
  for (const folder of [paths.folder, paths.run, paths.state, paths.logs]) await make(folder, 0o700);
}

async function make(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode });
  // The umask may have taken bits away.
  await chmod(folder, mode);
}
