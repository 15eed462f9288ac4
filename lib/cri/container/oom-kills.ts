import { detectCgroups } from "@berth/linux";

/** Processes that the kernel killed for memory in a container's group; 0 when the group is gone. */
export function countOomKills(cgroupsPath: string | undefined): number {
  return cgroupsPath === undefined ? 0 : (detectCgroups()?.group(cgroupsPath).readOomKills() ?? 0);
}
