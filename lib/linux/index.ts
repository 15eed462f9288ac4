export type { Cgroup, CgroupHierarchy, CgroupLimits, CgroupMode, CgroupUsage } from "./cgroups/cgroup.ts";
export { cgroupLayout, detectCgroups } from "./cgroups/detect-cgroups.ts";
export { decodeDevice, type DeviceNumber, encodeDevice, makeNode, readDeviceNumber } from "./device-node.ts";
export { type Feature, isAtLeast, judgeFeatures, type MachineFacts } from "./features/feature.ts";
export { detectFeatures, findProgram, readMachineFacts } from "./features/read-machine.ts";
export { type FileLock, findLockHolder, readLockHolder, tryLockFile } from "./file-lock.ts";
export {
  decodeIp,
  decodeMac,
  encodeIp,
  encodeMac,
  formatPrefix,
  type IpPrefix,
  parsePrefix,
} from "./ip-address.ts";
export { errnoName, isErrno, LinuxError } from "./linux-error.ts";
export { type Mount, mountsUnder, parseMountinfo } from "./mounts/mountinfo.ts";
export {
  bindMount,
  isMountPoint,
  listMountsUnder,
  mount,
  type MountFlag,
  mountTmpfs,
  readMounts,
  setPropagation,
  unmount,
  unmountUnder,
} from "./mounts/mounts.ts";
export { ipFamily, type KernelRoute, type LinkAddress, type Neighbour } from "./netlink/address.ts";
export type { Link, LinkSettings } from "./netlink/link.ts";
export { type NetlinkRequest, NetlinkSocket } from "./netlink/netlink-socket.ts";
export {
  concatenated,
  type NftElement,
  NftablesSocket,
  nftRequests,
  type NftSet,
} from "./netlink/nftables.ts";
export { isLinkListed, removeLink } from "./netlink/remove-link.ts";
export { routeRequests, RouteSocket, withNamespaceFd } from "./netlink/route-socket.ts";
export {
  createNetworkNamespace,
  deleteNetworkNamespace,
  inNetworkNamespace,
  inTemporaryNetworkNamespace,
  isNetworkNamespace,
  listPinnedNetworkNamespaces,
  networkNamespaceId,
} from "./netns/network-namespace.ts";
export { type PeerCredentials, readPeerCredentials } from "./peer-credentials.ts";
export { dieWithParent, withParentDeathSignal } from "./processes/parent-death.ts";
export {
  decodeWaitStatus,
  endedAmong,
  identifyProcess,
  isSameProcessAlive,
  openProcess,
  type ProcessEnd,
  type ProcessHandle,
  type ProcessIdentity,
} from "./processes/process-handle.ts";
export { PollingProcessWatcher, type ProcessWatcher } from "./processes/process-watcher.ts";
export {
  listDescendants,
  listPids,
  listProcesses,
  readBootId,
  readCgroups,
  readCommandLine,
  readEnviron,
  readExecutable,
  readNamespace,
  readPssBytes,
  readStat,
  readStatus,
} from "./processes/proc.ts";
export type { ProcessStat } from "./processes/proc-parsers.ts";
