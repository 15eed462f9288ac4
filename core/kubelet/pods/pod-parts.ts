import type { Clock, Logger } from "@berth/base";
import type { ContainerStatus, Pod, PodStatus } from "../../api/index.ts";
import type { ActualContainer } from "../actual/pod-actual.ts";
import type { ContainerKiller } from "../containers/container-killer.ts";
import type { ContainerStarter } from "../containers/container-starter.ts";
import type { PodEvents } from "../events/pod-events.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import type { PodContainer } from "./pod-containers.ts";
import type { PodProbesFactory } from "./pod-probes.ts";
import type { SandboxStarter } from "./sandbox-starter.ts";

/** The runtime that a pod is to run on, or why there is none now. */
export type RuntimeChoice =
  | { readonly handler: RuntimeHandler; readonly runtimeName: string }
  | { readonly handler: undefined; readonly reason: string };

export interface PodRuntimes {
  choose(pod: Pod): Promise<RuntimeChoice>;
  /** The pod has sandboxes on the handler of this key from now on, and stays there. */
  settle(uid: string, handlerKey: string): void;
  forget(uid: string): void;
}

export interface PodVolumes {
  /** Resolves when all volumes of the pod are mounted; mounting twice does nothing. Rejects with a sentence. */
  mount(pod: Pod, signal: AbortSignal): Promise<void>;
  /** Brings files made of ConfigMaps, Secrets, tokens and fields of the pod up to date. */
  refresh(pod: Pod): Promise<void>;
  /** Takes everything mounted for the pod away. Data of emptyDir volumes ends with it. */
  unmount(uid: string): Promise<void>;
}

/** What the node keeps for a pod outside the runtime: folders, logs, control groups, devices. */
export interface PodGround {
  /** Removes it all. Rejects while something of the pod is still mounted. */
  clean(pod: Pod): Promise<void>;
  /** Removes what the node keeps for one container that is gone for good. */
  forgetContainer(pod: Pod, ended: ActualContainer): Promise<void>;
  terminationMessage(pod: Pod, container: PodContainer, ended: ActualContainer): Promise<string>;
}

export interface PodStatusSink {
  /** Sends the newest status as soon as the one before is written. Never throws. */
  report(pod: Pod, status: PodStatus): void;
  /** What was reported last, or what the API holds. */
  current(pod: Pod): PodStatus;
  /** Resolves when all that was reported is written. */
  flush(uid: string): Promise<void>;
  /** Confirms to the API that nothing of the pod is left here. */
  confirmDeletion(pod: Pod): Promise<void>;
  forget(uid: string): void;
}

/** Everything that a pod's worker works with. */
export interface PodParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: PodEvents;
  readonly runtimes: PodRuntimes;
  readonly sandboxes: SandboxStarter;
  readonly starter: ContainerStarter;
  readonly killer: ContainerKiller;
  readonly volumes: PodVolumes;
  readonly ground: PodGround;
  readonly probes: PodProbesFactory;
  readonly statuses: PodStatusSink;
  readonly hostIps: () => readonly string[];
  readonly containerExtra: (pod: Pod, container: PodContainer) => Partial<ContainerStatus>;
}
