import type { Event } from "@berth/base";
import type { ProcessSpec, SpecResources } from "@berth/oci";
import type { RuntimeChoice } from "./record-store.ts";
import type { ContainerRecord, SandboxRecord } from "./records.ts";

/** A mount that makes up a root file system, as containerd states it. */
export interface RootfsMount {
  type: string;
  source: string;
  options: string[];
}

/** Paths of files, FIFOs for stdin; empty for none. With `terminal` there is no stderr of its own. */
export interface ProcessStdio {
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
}

export interface ProcessExit {
  exitCode: number;
  /** Nanoseconds since the epoch, decimal. */
  exitedAt: string;
}

export type ProcessState =
  | { phase: "created"; pid: number }
  | { phase: "running"; pid: number }
  | ({ phase: "exited" } & ProcessExit);

export interface RuntimeHandlerInfo {
  name: string;
  /** What Describe tells: "runc 1.1.5". */
  version: string;
}

/** A process beside a container's first one. */
export interface ExecProcess {
  readonly pid: number;
  /** Resolves when it has ended and all its output has been written. */
  readonly exit: Promise<ProcessExit>;
  kill(signal: number): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  closeStdin(): Promise<void>;
}

/**
 * How one kind of OCI runtime is driven: what differs between containerd's tasks and the `runsc` program. Everything
 * here works on processes that outlive this one, and answers for those that a former process started.
 */
export interface ContainerDriver {
  readonly handlers: readonly RuntimeHandlerInfo[];
  /** Whether a pod's loopback is that of its network namespace, so that the node can reach it there. */
  readonly sharesLoopback: boolean;
  readonly hasTerminals: boolean;
  /** Name and options with which the record of a container is kept. */
  runtimeOf(handler: string): RuntimeChoice;
  /**
   * Makes what a sandbox needs beyond its namespaces. Undone by {@link stopSandbox}, also when it fails halfway. `signal`,
   * here and below, is the verb's: what was started for it alone ends with it.
   */
  startSandbox(sandbox: SandboxRecord, signal: AbortSignal): Promise<void>;
  /** Nothing there is fine. */
  stopSandbox(sandbox: SandboxRecord, signal?: AbortSignal): Promise<void>;
  /** Creates and starts the first process of a container. On failure nothing of it is left. */
  start(
    sandbox: SandboxRecord,
    container: ContainerRecord,
    rootfs: readonly RootfsMount[],
    stdio: ProcessStdio,
    signal: AbortSignal,
  ): Promise<{ pid: number }>;
  /** False when there is no living process. */
  kill(container: ContainerRecord, number: number, all: boolean, signal?: AbortSignal): Promise<boolean>;
  /** Clears away an ended process after its output is complete; a living one is killed. Undefined when there was none. */
  delete(container: ContainerRecord, signal?: AbortSignal): Promise<ProcessExit | undefined>;
  state(container: ContainerRecord): Promise<ProcessState | undefined>;
  /** The process that holds a pod's shared process namespace; undefined when it has none. */
  sandboxPid(sandbox: SandboxRecord): Promise<number | undefined>;
  /** Every process of a container that the runtime knows, by container id. */
  list(): Promise<Map<string, ProcessState>>;
  exec(container: ContainerRecord, process: ProcessSpec, stdio: ProcessStdio): Promise<ExecProcess>;
  resize(container: ContainerRecord, columns: number, rows: number): Promise<void>;
  /** The first process reads the end of its input once what was written has been read. */
  closeStdin(container: ContainerRecord): Promise<void>;
  updateResources(container: ContainerRecord, resources: SpecResources): Promise<void>;
  /** The first process of a container may have ended: ask {@link list}. Undefined: any of them may have. */
  readonly onDidChange: Event<string | undefined>;
}
