import { lstat, mkdir, open, stat } from "node:fs/promises";
import { BerthError } from "@berth/base";
import type { Stats } from "node:fs";
import type { Pod, Volume } from "../../api/index.ts";
import { volumeError } from "../errors.ts";
import type { MountedVolume, VolumeKind } from "./volume-kind.ts";

const checks: Readonly<Record<string, { is: (stats: Stats) => boolean; title: string }>> = {
  Directory: { is: (stats) => stats.isDirectory(), title: "a directory" },
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), title: "a directory" },
  File: { is: (stats) => stats.isFile(), title: "a file" },
  FileOrCreate: { is: (stats) => stats.isFile(), title: "a file" },
  Socket: { is: (stats) => stats.isSocket(), title: "a socket file" },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), title: "a character device" },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), title: "a block device" },
};

/** A path of the node itself. */
export class HostPathVolumes implements VolumeKind {
  accepts(volume: Volume): boolean {
    return volume.hostPath !== undefined;
  }

  async setUp(_pod: Pod, volume: Volume): Promise<MountedVolume> {
    const { path, type = "" } = volume.hostPath ?? { path: "" };
    const exists = (await lstat(path).catch(() => undefined)) !== undefined;
    if (!exists && type === "DirectoryOrCreate") await mkdir(path, { recursive: true, mode: 0o755 });
    if (!exists && type === "FileOrCreate") await (await open(path, "a", 0o644)).close();
    const check = checks[type];
    if (check) {
      const stats = await stat(path).catch(() => undefined);
      if (!stats || !check.is(stats)) {
        throw new BerthError(
          volumeError,
          `MountVolume.SetUp failed for volume "${volume.name}": hostPath type check failed: ${path} is not ${check.title}`,
        );
      }
    }
    return { name: volume.name, path, readOnly: false };
  }
}
