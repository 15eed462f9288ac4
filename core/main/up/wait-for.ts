import { setTimeout as sleep } from "node:timers/promises";
import { BerthError } from "@berth/base";

const tookTooLong = BerthError.define({
  code: "BERTH_UP_TOOK_TOO_LONG",
  grpc: "DEADLINE_EXCEEDED",
  http: 504,
  owner: "operator",
  next: "Read the reason in the message; `kubectl describe` of the object named there tells more.",
});

/**
 * Asks until `look` answers undefined, which means done. Its sentences tell what is still missing: they go to `report`
 * as they change, and the last one into the error after `seconds`.
 */
export async function waitFor(
  look: () => Promise<string | undefined>,
  options: { seconds: number; signal: AbortSignal; report?: (missing: string) => void },
): Promise<void> {
  const end = performance.now() + options.seconds * 1000;
  let last = "";
  for (;;) {
    options.signal.throwIfAborted();
    const missing = await look();
    if (missing === undefined) return;
    if (missing !== last) options.report?.(missing);
    last = missing;
    if (performance.now() > end) throw new BerthError(tookTooLong, `after ${options.seconds} s: ${missing}`);
    await sleep(150, undefined, { signal: options.signal });
  }
}
