import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { isErrno } from "@berth/linux";

const run = promisify(execFile);

/** Loop devices by the image behind them, as the kernel lists them now. */
export async function listLoops(): Promise<Map<string, string>> {
  const loops = new Map<string, string>();
  for (const name of await readdir("/sys/block")) {
    if (!name.startsWith("loop")) continue;
    try {
      const image = await readFile(`/sys/block/${name}/loop/backing_file`, "utf8");
      loops.set(image.trimEnd(), `/dev/${name}`);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
  return loops;
}

export async function attachLoop(image: string): Promise<string> {
  const { stdout } = await run("losetup", ["--find", "--show", "--nooverlap", image]);
  return stdout.trim();
}

export async function detachLoop(device: string): Promise<void> {
  await run("losetup", ["--detach", device]);
}

/** Takes over the size of an image that has grown. */
export async function refreshLoop(device: string): Promise<void> {
  await run("losetup", ["--set-capacity", device]);
}
