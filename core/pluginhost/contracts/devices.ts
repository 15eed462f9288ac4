import type { Event } from "@berth/base";

/** Devices of this node, and giving them to containers. */
export interface Devices {
  /** All resources ever seen on this node and not yet forgotten (5 minutes after a lost endpoint). */
  list(): readonly DeviceResource[];
  /**
   * Chooses and allocates `count` devices of a resource for a container, remembered durably under its key; a repeated
   * call for the same key answers the same. Rejects with a sentence naming what is missing.
   */
  allocate(request: AllocateRequest): Promise<ContainerDevices>;
  /** What was allocated to a pod before, after a restart of the node's core too. */
  allocated(podUid: string): readonly ContainerDevices[];
  release(podUid: string): void;
  readonly onDidChange: Event<void>;
}

export interface DeviceResource {
  /** "nvidia.com/gpu". */
  readonly name: string;
  readonly plugin: string;
  readonly simulated: boolean;
  readonly capacity: number;
  /** Healthy ones; 0 while the endpoint is lost. */
  readonly allocatable: number;
  readonly devices: readonly { id: string; health: string; allocatedTo: string | undefined }[];
}

export interface AllocateRequest {
  podUid: string;
  podName: string;
  podNamespace: string;
  container: string;
  resource: string;
  count: number;
}

/** What a container needs for its devices, merged over its resources. */
export interface ContainerDevices {
  readonly container: string;
  readonly resource: string;
  readonly ids: readonly string[];
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly { containerPath: string; hostPath: string; readOnly: boolean }[];
  readonly devices: readonly { containerPath: string; hostPath: string; permissions: string }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly cdiDevices: readonly string[];
}
