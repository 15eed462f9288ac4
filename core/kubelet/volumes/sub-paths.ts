import { constants } from "node:fs";
import { mkdir, open, readlink, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "@berth/base";
import { bindMount, isMountPoint, unmountUnder } from "@berth/linux";
import { volumeError } from "../errors.ts";
import type { VolumeLayout } from "./volume-layout.ts";

export interface SubPathRequest {
  readonly uid: string;
  /** The volume's own path on the node. */
  readonly volumePath: string;
  readonly volume: string;
  readonly container: string;
  readonly index: number;
  readonly subPath: string;
}

/** Parts of volumes as mounts of their own, made so that a link inside the volume cannot lead out of it. */
export class SubPaths {
  readonly #layout: VolumeLayout;

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  /** The path to give to the container. A sub path that is not there becomes a folder. */
  async prepare(request: SubPathRequest): Promise<string> {
    const { subPath, volumePath, volume } = request;
    if (subPath.startsWith("/") || subPath.split("/").includes("..")) {
      throw new BerthError(
        volumeError,
        `subPath "${subPath}" of volume "${volume}" must be relative and have no ".."`,
      );
    }
    const root = await realpath(volumePath);
    const wanted = join(root, subPath);
    await this.#make(root, wanted, request);
    const file = await open(wanted, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // Looked at through the open file: what the path says may change at any moment, the file does not.
      const descriptor = `/proc/self/fd/${file.fd}`;
      const real = await readlink(descriptor);
      if (real !== root && !real.startsWith(`${root}/`)) throw this.#escape(request);
      const target = this.#layout.subPath(request.uid, volume, request.container, request.index);
      if (isMountPoint(target)) return target;
      await mkdir(dirname(target), { recursive: true, mode: 0o750 });
      if ((await file.stat()).isDirectory()) await mkdir(target, { recursive: true });
      else await writeFile(target, "", { flag: "a" });
      bindMount(descriptor, target, { recursive: true });
      return target;
    } finally {
      await file.close();
    }
  }

  tearDown(uid: string): void {
    unmountUnder(this.#layout.subPaths(uid));
  }

  /** Every existing part of the way must lie in the volume before a folder is made below it. */
  async #make(root: string, wanted: string, request: SubPathRequest): Promise<void> {
    if (await stat(wanted).catch(() => undefined)) return;
    let parent = dirname(wanted);
    while (parent !== root && !(await stat(parent).catch(() => undefined))) parent = dirname(parent);
    const real = await realpath(parent);
    if (real !== root && !real.startsWith(`${root}/`)) throw this.#escape(request);
    await mkdir(wanted, { recursive: true, mode: (await stat(parent)).mode & 0o7777 });
  }

  #escape(request: SubPathRequest): BerthError {
    return new BerthError(
      volumeError,
      `subPath "${request.subPath}" of volume "${request.volume}" leads out of the volume through a link`,
    );
  }
}
