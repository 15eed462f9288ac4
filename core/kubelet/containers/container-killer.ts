import { type Clock, errorMessage, type Logger } from "@berth/base";
import type { Container, Pod } from "../../api/index.ts";
import { type RuntimeHandler, VerbError } from "../../pluginhost/contracts/index.ts";
import type { PodEvents } from "../events/pod-events.ts";
import type { ContainerHooks } from "./container-hooks.ts";

export interface KillRequest {
  readonly pod: Pod;
  readonly handler: RuntimeHandler;
  readonly containerId: string;
  readonly containerName: string;
  /** Undefined for a container that no specification describes any more: it has no hook. */
  readonly spec: Container | undefined;
  readonly podIp: string;
  /** For the event. */
  readonly message: string;
  /** Milliseconds for hook and SIGTERM together, before SIGKILL. */
  readonly graceMs: number;
  /** Cuts the grace short: what has begun is asked again with less time. */
  readonly hurry?: AbortSignal;
}

/** What StopContainer itself may take beyond the grace it gives the process. */
const stopMarginMs = 30_000;
/** A hook that ends late still leaves its container this long to react to SIGTERM (upstream's own minimum). */
const minimumGraceMs = 2_000;

/** Ends containers: preStop hook, SIGTERM, and SIGKILL when the grace is over. */
export class ContainerKiller {
  readonly #clock: Clock;
  readonly #events: PodEvents;
  readonly #hooks: ContainerHooks;
  readonly #logger: Logger;

  constructor(parts: { clock: Clock; events: PodEvents; hooks: ContainerHooks; logger: Logger }) {
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#hooks = parts.hooks;
    this.#logger = parts.logger;
  }

  /** Resolves when the container has ended. Rejects with VerbError when the runtime does not do it. */
  async kill(request: KillRequest): Promise<void> {
    const begun = this.#clock.monotonic();
    this.#events.record(request.pod, {
      type: "Normal",
      reason: "Killing",
      message: request.message,
      container: request.containerName,
    });
    const hasHook = request.spec?.lifecycle?.preStop !== undefined && request.graceMs > 0;
    if (hasHook) await this.#runPreStop(request);
    const left = request.graceMs - (this.#clock.monotonic() - begun);
    await this.#stop(request, hasHook ? Math.max(left, Math.min(minimumGraceMs, request.graceMs)) : left);
  }

  async #runPreStop(request: KillRequest): Promise<void> {
    const limit = new AbortController();
    const timer = this.#clock.after(request.graceMs, () =>
      limit.abort(new Error(`the grace period of ${request.graceMs / 1000} s is over`)),
    );
    const signal = request.hurry ? AbortSignal.any([limit.signal, request.hurry]) : limit.signal;
    try {
      await this.#hooks.run(
        request.spec!.lifecycle!.preStop!,
        {
          cri: request.handler.cri,
          containerId: request.containerId,
          container: request.spec!,
          podIp: request.podIp,
        },
        signal,
      );
    } catch (error) {
      this.#events.record(request.pod, {
        type: "Warning",
        reason: "FailedPreStopHook",
        message: `PreStopHook failed; the container is stopped all the same: ${errorMessage(error)}`,
        container: request.containerName,
      });
    } finally {
      timer.cancel();
    }
  }

  async #stop(request: KillRequest, graceMs: number): Promise<void> {
    const { containerId, handler, hurry } = request;
    const seconds = Math.max(0, Math.ceil(graceMs / 1000));
    try {
      await handler.cri.stopContainer(
        { container_id: containerId, timeout: seconds },
        { deadlineMs: seconds * 1000 + stopMarginMs, ...(hurry ? { signal: hurry } : {}) },
      );
    } catch (error) {
      if (error instanceof VerbError && error.code === "NOT_FOUND") return;
      if (hurry?.aborted) {
        const less = hurry.reason instanceof GraceCut ? hurry.reason.graceMs : 0;
        const { hurry: _used, ...rest } = request;
        return this.#stop(rest, less);
      }
      this.#logger.warn("a container could not be stopped", {
        container: containerId,
        error: errorMessage(error),
      });
      throw error;
    }
  }
}

/** The reason of {@link KillRequest.hurry}: how much grace is left from now. */
export class GraceCut extends Error {
  readonly graceMs: number;

  constructor(graceMs: number) {
    super(`the grace period was cut to ${graceMs / 1000} s`);
    this.name = "GraceCut";
    this.graceMs = graceMs;
  }
}
