import { type Mount, readMounts } from "@berth/linux";
import type { OwnUser } from "./own-user.ts";

/** As unshare(1) names them. */
export type OwnNamespace = "mount" | "ipc" | "uts";

/** Those a plugin without privileges can be given: it shares the node's network, and its process number proves who it is. */
export function ownNamespaces(user: OwnUser): OwnNamespace[] {
  if (user.uid === undefined) return [];
  return privateMount(readMounts()) === undefined ? ["mount", "ipc", "uts"] : ["ipc", "uts"];
}

/**
 * A mount of the node's that does not tell its copies when it goes: a plugin with mounts of its own would keep it, and
 * the volume or network in it, for as long as the plugin lives.
 */
export function privateMount(mounts: readonly Pick<Mount, "target" | "propagation">[]): string | undefined {
  return mounts.find(({ propagation }) => !propagation.some((word) => word.startsWith("shared:")))?.target;
}
