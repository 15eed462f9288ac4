import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";

import type { Store } from "./store.ts";

/**
 * Keeps history for one interval to two: at every round it compacts at the revision of the round before. Several
 * processes on one store may each run one.
 */
export function startAutoCompactor(
  store: Store,
  options: { clock: Clock; logger: Logger; intervalMs?: number },
): Disposable {
  const { clock, logger, intervalMs = 5 * 60_000 } = options;
  let timer: Timer | undefined;
  let round: Promise<void> = Promise.resolve();
  let stopped = false;
  let keepFrom: number | undefined;

  const compact = async (): Promise<void> => {
    try {
      const revision = await store.currentRevision();
      if (keepFrom !== undefined) await store.compact(keepFrom);
      keepFrom = revision;
    } catch (error) {
      if (!stopped)
        logger.warn("history could not be compacted; the next round tries again", {
          cause: errorMessage(error),
        });
    }
  };
  const schedule = (): void => {
    if (stopped) return;
    timer = clock.after(
      intervalMs,
      () => {
        round = compact().then(schedule);
      },
      { background: true },
    );
  };
  schedule();
  return {
    label: "store compactor",
    async dispose() {
      stopped = true;
      timer?.cancel();
      await round;
    },
  };
}
