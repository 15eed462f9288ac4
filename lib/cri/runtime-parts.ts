import { createToken, type Logger } from "@berth/base";
import type { StreamingServer } from "@berth/streaming";
import type { ContainerService } from "./container/container-service.ts";
import type { NodeFacts } from "./container/node-facts.ts";
import type { RootfsStore } from "./container/rootfs.ts";
import type { ContainerDriver } from "./driver.ts";
import type { ImageStore } from "./images/image-store.ts";
import type { LogPumps } from "./logs/log-pumps.ts";
import type { CriPaths } from "./paths.ts";
import type { RecordStore } from "./record-store.ts";
import type { SandboxNetwork } from "./sandbox/sandbox-network.ts";
import type { SandboxService } from "./sandbox/sandbox-service.ts";

/** The parts of a CRI runtime, as its verbs use them. */
export interface RuntimeParts {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly sandboxes: SandboxService;
  readonly containers: ContainerService;
  readonly images: ImageStore;
  readonly rootfs: RootfsStore;
  readonly store: RecordStore;
  readonly driver: ContainerDriver;
  readonly logs: LogPumps;
  readonly network: SandboxNetwork;
  readonly paths: CriPaths;
  readonly node: NodeFacts;
  readonly streaming: StreamingServer;
  readonly log: Logger;
}

export const RuntimeParts = createToken<RuntimeParts>("cri.RuntimeParts");
