import type { Clock, Logger } from "@berth/base";
import type { WatchItem } from "../cache/watch.ts";
import type { WatchReply } from "../request/request.ts";
import { toStatusError } from "../request/to-status-error.ts";
import type { Rendering } from "./render-object.ts";
import { errorFrame, watchFrame } from "./render-watch.ts";
import type { WatchSink } from "./watch-sink.ts";

/** Events read at one go. */
const batch = 256;
/** Bytes written at one go; between two goes a reader looks whether its connection keeps up. */
const pieceBytes = 64 * 1024;
const shortestSeconds = 1800;
/** How long a watch whose time is up waits for its last bookmark. */
const lastBookmarkMs = 1_000;

export interface WatchWriting {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the server stops. */
  readonly signal: AbortSignal;
  readonly onDidEnd: () => void;
  /** Calls `giveUp` unless what it returns is called in time. */
  waitsFor(bytes: number, giveUp: () => void): () => void;
}

/**
 * Writes a watch to a connection until the client goes, the time is up, the server stops or the reader was too slow.
 * When the connection's buffer is full nothing is read from the cache until it has drained.
 */
export function writeWatch(
  reply: WatchReply,
  sink: WatchSink,
  rendering: Omit<Rendering, "now">,
  options: WatchWriting,
): void {
  const { watch, of: kind } = reply;
  const { clock, logger } = options;
  let read: WatchItem[] = [];
  let next = 0;
  let isFirst = true;
  let isLate = false;
  let isLast = false;
  let done = false;
  let scheduled = false;
  /** Set while the connection is full. */
  let caughtUp: (() => void) | undefined;

  const finish = (last?: Buffer): void => {
    if (done) return;
    done = true;
    timer.cancel();
    options.signal.removeEventListener("abort", onAbort);
    void watch.dispose();
    sink.end(last);
    options.onDidEnd();
  };
  const onAbort = (): void => finish();

  const nextPiece = (): Buffer[] => {
    const frames: Buffer[] = [];
    const now = clock.now();
    for (let size = 0; next < read.length && size < pieceBytes; next++) {
      const item = read[next]!;
      const frame = watchFrame(kind, item, { ...rendering, now, withoutColumns: !isFirst });
      isFirst = false;
      frames.push(frame);
      size += frame.length;
      isLast ||= isLate && item.type === "BOOKMARK";
    }
    return frames;
  };

  const pump = (): void => {
    scheduled = false;
    try {
      for (;;) {
        if (done || caughtUp) return;
        if (next === read.length) {
          read = watch.read(batch);
          next = 0;
        }
        if (read.length === 0) return;
        if (!sink.write(nextPiece())) caughtUp = options.waitsFor(pieceBytes, cut);
        if (isLast) finish();
      }
    } catch (error) {
      finish(errorFrame(toStatusError(error, logger, "watch").toStatus()));
    }
  };
  // One pass for all that a group of commits brought.
  const wake = (): void => {
    if (scheduled || caughtUp || done) return;
    scheduled = true;
    setImmediate(pump);
  };
  const cut = (): void => {
    logger.info(`a watch of ${kind.resource} was cut off: its client took nothing of it for too long`);
    sink.cut();
    finish();
  };
  const onTime = (): void => {
    if (!reply.bookmarks || isLate) return finish();
    isLate = true;
    timer = clock.after(lastBookmarkMs, onTime, { background: true });
    watch.requestBookmark();
  };

  const catchUp = (): void => {
    caughtUp?.();
    caughtUp = undefined;
  };
  sink.onDrained(() => {
    catchUp();
    wake();
  });
  sink.onClosed(() => {
    catchUp();
    finish();
  });
  const seconds = reply.timeoutSeconds || shortestSeconds + Math.floor(Math.random() * shortestSeconds);
  let timer = clock.after(seconds * 1000, onTime, { background: true });
  options.signal.addEventListener("abort", onAbort, { once: true });
  watch.onWake(wake);
}
