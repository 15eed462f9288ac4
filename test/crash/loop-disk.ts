import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Disposable } from "@berth/base";

/** Enough for a store under load for some seconds. */
const innerSize = "1G";
const outerSize = "4G";

/**
 * A disk whose power can be cut: a file system in a file, which lies on an xfs in a file. A reflink of the inner file is what
 * the disk holds at that moment; what the kernel has not been made to write yet is not in it.
 */
export class LoopDisk implements Disposable {
  readonly label = "disk in a file";
  /** Where it is mounted. */
  readonly path: string;
  readonly #folder: string;

  /** @throws when this machine has no loop devices, no mkfs.xfs or no right to mount */
  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "disk");
    for (const name of ["outer", "disk", "copy"]) mkdirSync(join(folder, name), { recursive: true });
    try {
      makeFile(this.#at("outer.img"), outerSize);
      run("mkfs.xfs", "-q", "-m", "reflink=1", this.#at("outer.img"));
      run("mount", "-o", "loop", this.#at("outer.img"), this.#at("outer"));
      makeFile(this.#at("outer/inner.img"), innerSize);
      run("mkfs.ext4", "-q", "-F", this.#at("outer/inner.img"));
      run("mount", "-o", "loop", this.#at("outer/inner.img"), this.path);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Cuts the power of a copy of the disk; the disk itself goes on. */
  cut(): void {
    run("cp", "--reflink=always", this.#at("outer/inner.img"), this.#at("outer/copy.img"));
  }

  /** Gives the copy its power back, lets its file system replay its journal, and checks it. */
  mountCopy(): string {
    const copy = this.#at("copy");
    run("mount", "-o", "loop", this.#at("outer/copy.img"), copy);
    run("umount", copy);
    run("e2fsck", "-fn", this.#at("outer/copy.img"));
    run("mount", "-o", "loop", this.#at("outer/copy.img"), copy);
    return copy;
  }

  dropCopy(): void {
    run("umount", this.#at("copy"));
    rmSync(this.#at("outer/copy.img"));
  }

  dispose(): void {
    for (const name of ["copy", "disk", "outer"]) {
      try {
        run("umount", this.#at(name));
      } catch (error) {
        if (!String(error).includes("not mounted")) throw error;
      }
    }
    rmSync(this.#at("outer.img"), { force: true });
  }

  #at(name: string): string {
    return join(this.#folder, name);
  }
}

function makeFile(path: string, size: string): void {
  run("truncate", "-s", size, path);
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] });
}
