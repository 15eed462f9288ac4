import type { Timer } from "@berth/base";
import type { CacheReader } from "../cache/kind-cache.ts";
import type { WatchItem } from "../cache/watch.ts";
import type { WatchReply } from "../request/request.ts";
import { toStatusError } from "../request/to-status-error.ts";
import { errorFrame, watchFrame, type WatchRendering } from "./render-watch.ts";
import type { SinkReader, WatchSink } from "./watch-sink.ts";
import type { WatchWriters } from "./watch-writers.ts";

/** Events read at one go. */
const batch = 256;
/** Bytes written at one go; between two goes a reader looks whether its connection keeps up. */
const pieceBytes = 64 * 1024;
const shortestSeconds = 1800;
/** What timers can wait for. */
const longestMs = 2 ** 31 - 1;
/** How long a watch whose time is up waits for its last bookmark. */
const lastBookmarkMs = 1_000;

/**
 * Writes a watch to a connection until the client goes, the time is up, the server stops or the reader was too slow.
 * When the connection's buffer is full nothing is read from the cache until it has drained. There are many thousands of
 * these, nearly all of them idle: what they need is in one object, and what they share in another.
 */
export class WatchWriter implements CacheReader, SinkReader {
  readonly #reply: WatchReply;
  readonly #sink: WatchSink;
  #rendering: WatchRendering;
  readonly #all: WatchWriters;
  #read: readonly WatchItem[] = nothing;
  #next = 0;
  #isLate = false;
  #isLast = false;
  #isDone = false;
  #isDue = false;
  #timer: Timer;
  /** Set while the connection is full. */
  #caughtUp: (() => void) | undefined;

  constructor(reply: WatchReply, sink: WatchSink, rendering: WatchRendering, all: WatchWriters) {
    this.#reply = reply;
    this.#sink = sink;
    this.#rendering = rendering;
    this.#all = all;
    const seconds = reply.timeoutSeconds || shortestSeconds + Math.floor(Math.random() * shortestSeconds);
    this.#timer = this.#after(Math.max(0, Math.min(seconds * 1000, longestMs)));
  }

  begin(): void {
    if (this.#isOver()) return this.finish();
    this.#sink.tell(this);
    this.#reply.watch.wakes(this);
  }

  /** Whether its time was up before it came. */
  #isOver(): boolean {
    const { timeoutSeconds = 0 } = this.#reply;
    return timeoutSeconds < 0;
  }

  requestBookmark(): void {
    if (this.#reply.bookmarks) this.#reply.watch.requestBookmark();
  }

  wake(): void {
    if (this.#isDue || this.#caughtUp || this.#isDone) return;
    this.#isDue = true;
    this.#all.due(this);
  }

  drained(): void {
    this.#catchUp();
    this.wake();
  }

  closed(): void {
    this.#catchUp();
    this.finish();
  }

  /** Writes what there is to be written. */
  pump(): void {
    this.#isDue = false;
    const { watch } = this.#reply;
    try {
      while (!this.#isDone && !this.#caughtUp) {
        if (this.#next === this.#read.length) {
          this.#read = watch.read(batch);
          this.#next = 0;
        }
        if (this.#read.length === 0) return;
        if (!this.#sink.write(this.#nextPiece()))
          this.#caughtUp = this.#all.waitsFor(pieceBytes, () => this.#cut());
        if (this.#isLast) this.finish();
      }
    } catch (error) {
      this.finish(errorFrame(toStatusError(error, this.#all.logger, "watch").toStatus()));
    }
  }

  #nextPiece(): Buffer[] {
    const frames: Buffer[] = [];
    for (let size = 0; this.#next < this.#read.length && size < pieceBytes; this.#next++) {
      const item = this.#read[this.#next]!;
      const frame = watchFrame(this.#reply.of, item, this.#rendering, this.#all.clock);
      this.#columnsAreTold();
      frames.push(frame);
      size += frame.length;
      this.#isLast ||= this.#isLate && item.type === "BOOKMARK";
    }
    return frames;
  }

  #columnsAreTold(): void {
    const { form, withoutColumns } = this.#rendering;
    if (form.as === "table" && !withoutColumns)
      this.#rendering = { ...this.#rendering, withoutColumns: true };
  }

  finish(last?: Buffer): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#timer.cancel();
    void this.#reply.watch.dispose();
    this.#sink.end(last);
    this.#all.ended(this);
  }

  #catchUp(): void {
    this.#caughtUp?.();
    this.#caughtUp = undefined;
  }

  #cut(): void {
    const { resource } = this.#reply.of;
    this.#all.logger.info(`a watch of ${resource} was cut off: its client took nothing of it for too long`);
    this.#sink.cut();
    this.finish();
  }

  #after(ms: number): Timer {
    return this.#all.clock.after(ms, () => this.#timeIsUp(), { background: true });
  }

  #timeIsUp(): void {
    if (!this.#reply.bookmarks || this.#isLate) return this.finish();
    this.#isLate = true;
    this.#timer = this.#after(lastBookmarkMs);
    this.#reply.watch.requestBookmark();
  }
}

const nothing: readonly WatchItem[] = [];
