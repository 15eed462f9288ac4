import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = 20;

/** How late this process's own event loop was, so that its slowness is not blamed on others. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });

  start(): void {
    this.#histogram.reset();
    this.#histogram.enable();
  }

  /** Milliseconds of the greatest delay since {@link start}. */
  stop(): number {
    this.#histogram.disable();
    return Math.max(0, this.#histogram.max / 1e6 - resolutionMs);
  }
}
