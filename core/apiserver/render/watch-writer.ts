import type { Clock, Logger } from "@berth/base";
import type { HttpResponse } from "../../http/index.ts";
import type { WatchReply } from "../request/request.ts";
import { toStatusError } from "../request/to-status-error.ts";
import type { Rendering } from "./render-object.ts";
import { errorFrame, watchFrame } from "./render-watch.ts";

/** Events read at one go; between two goes a reader looks whether its connection keeps up. */
const batch = 256;
const shortestSeconds = 1800;

/**
 * Writes a watch to a connection until the client goes, the time is up, the server stops or the reader was too slow.
 * When the connection's buffer is full nothing is read from the cache until it has drained.
 */
export function writeWatch(
  reply: WatchReply,
  response: HttpResponse,
  rendering: Omit<Rendering, "now">,
  options: { clock: Clock; logger: Logger; signal: AbortSignal; onDidEnd: () => void },
): void {
  const { watch, of: kind } = reply;
  const { clock } = options;
  let blocked = false;
  let done = false;
  let scheduled = false;

  const finish = (last?: Buffer): void => {
    if (done) return;
    done = true;
    timer.cancel();
    options.signal.removeEventListener("abort", onAbort);
    void watch.dispose();
    if (!response.writableEnded) response.end(last);
    options.onDidEnd();
  };
  const onAbort = (): void => finish();

  const pump = (): void => {
    scheduled = false;
    if (done || blocked) return;
    try {
      for (;;) {
        const items = watch.read(batch);
        if (items.length === 0) return;
        const now = clock.now();
        const frames = items.map((item) => watchFrame(kind, item, { ...rendering, now }));
        const chunk = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
        if (!response.write(chunk)) {
          blocked = true;
          return;
        }
      }
    } catch (error) {
      finish(errorFrame(toStatusError(error, options.logger, "watch").toStatus()));
    }
  };
  // One pass for all that a group of commits brought.
  const wake = (): void => {
    if (scheduled || blocked || done) return;
    scheduled = true;
    setImmediate(pump);
  };

  response.on("drain", () => {
    blocked = false;
    wake();
  });
  response.on("close", () => finish());
  const seconds = reply.timeoutSeconds || shortestSeconds + Math.floor(Math.random() * shortestSeconds);
  const timer = clock.after(seconds * 1000, () => finish(), { background: true });
  options.signal.addEventListener("abort", onAbort, { once: true });
  watch.onWake(wake);
}
