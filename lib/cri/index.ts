export { ContainerService } from "./container/container-service.ts";
export { makeFifo } from "./container/container-stdio.ts";
export { type NodeFacts, readNodeFacts } from "./container/node-facts.ts";
export { serverPid } from "./container/server-pid.ts";
export { RootfsStore } from "./container/rootfs.ts";
export { notFound, sandboxFailed, unsupported, wrongState } from "./cri-error.ts";
export type {
  ContainerDriver,
  ExecProcess,
  ProcessExit,
  ProcessState,
  ProcessStdio,
  RootfsMount,
  RuntimeHandlerInfo,
} from "./driver.ts";
export { ArchiveVerbs } from "./images/archive-verbs.ts";
export { ImageStore } from "./images/image-store.ts";
export { type ImagePuller, ImageVerbs } from "./images/image-verbs.ts";
export { LogPumps } from "./logs/log-pumps.ts";
export { CriPaths } from "./paths.ts";
export { RecordStore, type RuntimeChoice } from "./record-store.ts";
export { type ContainerRecord, nowNanos, type SandboxRecord } from "./records.ts";
export { RuntimeParts } from "./runtime-parts.ts";
export { RuntimeVerbs } from "./runtime-verbs.ts";
export { SandboxNetwork } from "./sandbox/sandbox-network.ts";
export { SandboxService } from "./sandbox/sandbox-service.ts";
export { namespacePaths } from "./container/make-spec.ts";
export { sandboxCgroup } from "./sandbox/sandbox-cgroup.ts";
export { namespacesOf } from "./sandbox/sandbox-choices.ts";
export { CriLife } from "./cri-life.ts";
export { RegistryPuller } from "./images/registry-puller.ts";
