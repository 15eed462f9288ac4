import { randomUUID } from "node:crypto";
import { type Disposable, Emitter } from "@berth/base";
import {
  type ContainerdClient,
  ignoringNotFound,
  isContainerdError,
  jsonAny,
  jsonType,
  protoAny,
  TaskEvents,
  timestampToNanos,
} from "@berth/containerd";
import type {
  ContainerDriver,
  ContainerRecord,
  ExecProcess,
  ProcessExit,
  ProcessState,
  ProcessStdio,
  RootfsMount,
  RuntimeChoice,
  SandboxRecord,
} from "@berth/cri";
import type { ProcessSpec, SpecResources } from "@berth/oci";
import type { Process__Output } from "@berth/proto/generated/containerd/containerd/v1/types/Process.ts";
import type { OciRuntime } from "./oci-runtimes.ts";
import type { PausePods } from "./pause-pods.ts";

const shim = "io.containerd.runc.v2";
const sigkill = 9;
/** How long a containerd that went away may take to come back before an exec is given up. */
const reconnectTimeoutMs = 30_000;

/** Containers as tasks of containerd: its shims keep them, whatever becomes of us or of containerd itself. */
export class TaskDriver implements ContainerDriver, Disposable {
  readonly label = "containerd tasks";
  readonly hasTerminals = true;
  readonly sharesLoopback = true;
  readonly handlers: readonly OciRuntime[];
  readonly #containerd: ContainerdClient;
  readonly #pause: PausePods;
  readonly #runtimeRoot: string;
  readonly #events: TaskEvents;
  readonly #changes = new Emitter<string | undefined>();

  /** `runtimeRoot` is where the OCI runtime keeps its notes: its default is shared by all containerds of the machine. */
  constructor(
    containerd: ContainerdClient,
    handlers: readonly OciRuntime[],
    pause: PausePods,
    runtimeRoot: string,
  ) {
    this.#runtimeRoot = runtimeRoot;
    this.#containerd = containerd;
    this.handlers = handlers;
    this.#pause = pause;
    this.#events = new TaskEvents(containerd.connection, {
      onExit: ({ containerId, execId }) => {
        if (execId === "") this.#changes.fire(containerId);
      },
      // The cause is read from the control group when the container ends.
      onOutOfMemory: () => undefined,
      onSubscribed: () => this.#changes.fire(undefined),
    });
  }

  readonly onDidChange = this.#changes.event;

  async dispose(): Promise<void> {
    await this.#events.dispose();
  }

  runtimeOf(handler: string): RuntimeChoice {
    const runtime = this.handlers.find(({ name }) => name === handler) ?? this.handlers[0]!;
    return {
      name: shim,
      options: protoAny("containerd.runc.v1.Options", { binary_name: runtime.path, root: this.#runtimeRoot }),
    };
  }

  async startSandbox(sandbox: SandboxRecord): Promise<void> {
    await this.#pause.start(sandbox, this.runtimeOf(sandbox.runtimeHandler));
  }

  async stopSandbox(sandbox: SandboxRecord): Promise<void> {
    await this.#pause.stop(sandbox);
  }

  async sandboxPid(sandbox: SandboxRecord): Promise<number | undefined> {
    return this.#pause.pid(sandbox);
  }

  async start(
    _sandbox: SandboxRecord,
    container: ContainerRecord,
    rootfs: readonly RootfsMount[],
    stdio: ProcessStdio,
  ): Promise<{ pid: number }> {
    const { tasks } = this.#containerd;
    const request = { container_id: container.id, rootfs: [...rootfs], ...stdio };
    try {
      await tasks.create(request);
    } catch (error) {
      if (!isContainerdError(error, "ALREADY_EXISTS")) throw error;
      // Left by a start that was cut off: only a running one may stay.
      const state = await this.state(container);
      if (state?.phase === "running") return { pid: state.pid };
      await this.delete(container);
      await tasks.create(request);
    }
    const { pid } = await tasks.start({ container_id: container.id });
    return { pid };
  }

  async kill(container: ContainerRecord, signal: number, all: boolean): Promise<boolean> {
    try {
      await this.#containerd.tasks.kill({ container_id: container.id, signal, all });
      return true;
    } catch (error) {
      // FAILED_PRECONDITION: the runtime knows the task, but its process has ended.
      if (isContainerdError(error, "NOT_FOUND", "FAILED_PRECONDITION")) return false;
      throw error;
    }
  }

  async delete(container: ContainerRecord): Promise<ProcessExit | undefined> {
    const request = { container_id: container.id };
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await ignoringNotFound(this.#containerd.tasks.delete(request));
        return (
          answer && { exitCode: answer.exit_status, exitedAt: String(timestampToNanos(answer.exited_at)) }
        );
      } catch (error) {
        if (!isContainerdError(error, "FAILED_PRECONDITION") || attempt > 0) throw error;
        await this.#killAndWait(container);
      }
    }
  }

  async #killAndWait(container: ContainerRecord): Promise<void> {
    await this.kill(container, sigkill, true);
    await ignoringNotFound(this.#containerd.tasks.wait({ container_id: container.id }));
  }

  async state(container: ContainerRecord): Promise<ProcessState | undefined> {
    const found = await ignoringNotFound(this.#containerd.tasks.get({ container_id: container.id }));
    return found?.process ? stateOf(found.process) : undefined;
  }

  async list(): Promise<Map<string, ProcessState>> {
    const { tasks } = await this.#containerd.tasks.list({});
    return new Map(tasks.map((process) => [process.id, stateOf(process)]));
  }

  async exec(container: ContainerRecord, process: ProcessSpec, stdio: ProcessStdio): Promise<ExecProcess> {
    const { tasks } = this.#containerd;
    const ids = { container_id: container.id, exec_id: randomUUID() };
    await tasks.exec({ ...ids, ...stdio, spec: jsonAny(jsonType.process, process) });
    let pid: number;
    try {
      ({ pid } = await tasks.start(ids));
    } catch (error) {
      await ignoringNotFound(tasks.deleteProcess(ids));
      throw error;
    }
    return {
      pid,
      exit: this.#execExit(ids),
      kill: async (signal) => {
        await tasks.kill({ ...ids, signal }).catch((error: unknown) => {
          if (!isContainerdError(error, "NOT_FOUND", "FAILED_PRECONDITION")) throw error;
        });
      },
      resize: async (width, height) => {
        await tasks.resizePty({ ...ids, width, height });
      },
      closeStdin: async () => {
        await tasks.closeIO({ ...ids, stdin: true });
      },
    };
  }

  /** The shim itself answers when the process ends; deleting the process then waits for the rest of its output. */
  async #execExit(ids: { container_id: string; exec_id: string }): Promise<ProcessExit> {
    const { tasks } = this.#containerd;
    for (;;) {
      try {
        const answer = await tasks.wait(ids, { deadlineMs: 0 });
        await ignoringNotFound(tasks.deleteProcess(ids));
        return { exitCode: answer.exit_status, exitedAt: String(timestampToNanos(answer.exited_at)) };
      } catch (error) {
        // containerd was restarted under us: its shims, and the process, live on.
        if (!isContainerdError(error, "UNAVAILABLE")) throw error;
        await this.#containerd.connection.waitForReady(reconnectTimeoutMs);
      }
    }
  }

  async resize(container: ContainerRecord, width: number, height: number): Promise<void> {
    await this.#containerd.tasks.resizePty({ container_id: container.id, width, height });
  }

  async closeStdin(container: ContainerRecord): Promise<void> {
    await this.#containerd.tasks.closeIO({ container_id: container.id, stdin: true });
  }

  async updateResources(container: ContainerRecord, resources: SpecResources): Promise<void> {
    await this.#containerd.tasks.update({
      container_id: container.id,
      resources: jsonAny(jsonType.resources, resources),
    });
  }
}

function stateOf(process: Process__Output): ProcessState {
  if (process.status === "STOPPED") {
    return {
      phase: "exited",
      exitCode: process.exit_status,
      exitedAt: String(timestampToNanos(process.exited_at)),
    };
  }
  return { phase: process.status === "CREATED" ? "created" : "running", pid: process.pid };
}
