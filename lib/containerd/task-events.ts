import { type Clock, type Disposable, exponentialBackoff, systemClock } from "@berth/base";
import type { Envelope__Output } from "@berth/proto/generated/containerd/containerd/types/Envelope.ts";
import { parseProtoAny } from "./any.ts";
import type { VersionDefinition } from "@berth/proto/generated/containerd/containerd/services/version/v1/Version.ts";
import type { ContainerdConnection, PromiseClient } from "./connection.ts";
import { timestampToNanos } from "./timestamp.ts";

const secondLookMs = 1_000;

/** A process of a container ended. `execId` is empty for the container's first process. */
export interface TaskExit {
  containerId: string;
  execId: string;
  pid: number;
  exitCode: number;
  /** Nanoseconds since the epoch. */
  exitedAt: bigint;
}

export interface TaskEventsListener {
  onExit(exit: TaskExit): void;
  onOutOfMemory(containerId: string): void;
  /** The subscription begins, or begins again after a gap: whatever happened before was not heard. Relist now. */
  onSubscribed(): void;
}

/**
 * Follows the tasks of the connection's namespace for as long as it lives. containerd keeps no history, so events
 * are only a hint to look sooner: after every gap the listener is told to relist.
 */
export class TaskEvents implements Disposable {
  readonly label = "containerd task events";
  readonly #connection: ContainerdConnection;
  readonly #listener: TaskEventsListener;
  readonly #version: PromiseClient<VersionDefinition>;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(connection: ContainerdConnection, listener: TaskEventsListener, clock: Clock = systemClock) {
    this.#connection = connection;
    this.#listener = listener;
    this.#version = connection.service("containerd.services.version.v1.Version");
    this.#clock = clock;
    this.#done = this.#follow();
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #follow(): Promise<void> {
    const backoff = exponentialBackoff({ baseMs: 50, capMs: 2_000 });
    while (!this.#stop.signal.aborted) {
      const call = this.#connection.serverStream<Envelope__Output>(
        "containerd.services.events.v1.Events",
        "Subscribe",
        { filters: [`namespace==${this.#connection.namespace},topic~=^/tasks/(exit|oom)$`] },
        { signal: this.#stop.signal },
      );
      const announced = this.#announce(() => backoff.reset());
      try {
        for await (const envelope of call as AsyncIterable<Envelope__Output>) this.#dispatch(envelope);
      } catch {
        // The stream ends with the daemon or with us; both are handled by trying again after a pause.
      }
      await announced;
      if (this.#stop.signal.aborted) return;
      await this.#clock.sleep(backoff.next(), this.#stop.signal).catch(() => undefined);
    }
  }

  /**
   * containerd answers a subscription only with its first event, so nothing tells that it has begun. A call sent after it
   * on the same connection is answered after it was taken; a second look later covers the little that is between.
   */
  async #announce(onReady: () => void): Promise<void> {
    try {
      await this.#version.version({}, { signal: this.#stop.signal });
      onReady();
      this.#listener.onSubscribed();
      this.#clock.after(secondLookMs, () => this.#stop.signal.aborted || this.#listener.onSubscribed(), {
        background: true,
      });
    } catch {
      // The subscription fails for the same reason and is tried again.
    }
  }

  #dispatch(envelope: Envelope__Output): void {
    const event = envelope.event ? parseProtoAny(envelope.event) : undefined;
    if (envelope.topic === "/tasks/oom") {
      this.#listener.onOutOfMemory((event as { container_id: string }).container_id);
    } else if (event) {
      const exit = event as {
        container_id: string;
        id: string;
        pid: number;
        exit_status: number;
        exited_at: { seconds: string; nanos: number } | null;
      };
      this.#listener.onExit({
        containerId: exit.container_id,
        execId: exit.id === exit.container_id ? "" : exit.id,
        pid: exit.pid,
        exitCode: exit.exit_status,
        exitedAt: timestampToNanos(exit.exited_at),
      });
    }
  }
}
