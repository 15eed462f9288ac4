/** What a runtime says about one pod at one moment. Times are milliseconds since the epoch; 0 means not yet. */
export interface PodActual {
  /** Newest first. */
  readonly sandboxes: readonly ActualSandbox[];
  /** Newest first. */
  readonly containers: readonly ActualContainer[];
}

export interface ActualSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAt: number;
  /** Main address first; empty on the node's own network. */
  readonly ips: readonly string[];
}

export type ContainerPhase = "created" | "running" | "exited" | "lost";

export interface ActualContainer {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** How many times it was started before. */
  readonly attempt: number;
  /** `lost`: the runtime cannot tell. */
  readonly phase: ContainerPhase;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  /** "OOMKilled", "Completed", "Error" or the runtime's own. */
  readonly reason: string;
  readonly message: string;
  readonly image: string;
  readonly imageRef: string;
  readonly logPath: string;
  /** Digest of the specification it was made from; empty when made by somebody else. */
  readonly hash: string;
}

export const emptyActual: PodActual = { sandboxes: [], containers: [] };

export function newestContainer(actual: PodActual, name: string): ActualContainer | undefined {
  return actual.containers.find((container) => container.name === name);
}

export function containersNamed(actual: PodActual, name: string): ActualContainer[] {
  return actual.containers.filter((container) => container.name === name);
}

export function readySandbox(actual: PodActual): ActualSandbox | undefined {
  const newest = actual.sandboxes[0];
  return newest?.ready ? newest : undefined;
}
