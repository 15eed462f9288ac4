import { mountItems, pinnedNamespaces, readCgroups, readMounts, readUnixSockets } from "./read-files.ts";
import { readNetwork } from "./read-network.ts";
import { readNetworkNamespaces, readProcesses } from "./read-processes.ts";
import type { Snapshot } from "./snapshot.ts";

/** Looks at the whole machine, about 100 ms. It asks kernel and standard tools only, never Berth. */
export function takeSnapshot(): Snapshot {
  const mounts = readMounts();
  return {
    takenAt: new Date().toISOString(),
    items: [
      ...readProcesses(new Set([process.pid])),
      ...mountItems(mounts),
      ...readNetworkNamespaces(pinnedNamespaces(mounts)),
      ...readNetwork(),
      ...readUnixSockets(),
      ...readCgroups(mounts),
    ],
  };
}
