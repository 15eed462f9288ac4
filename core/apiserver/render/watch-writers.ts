import type { Clock, Logger } from "@berth/base";
import type { WatchReply } from "../request/request.ts";
import type { WatchRendering } from "./render-watch.ts";
import type { WatchSink } from "./watch-sink.ts";
import { WatchWriter } from "./watch-writer.ts";

/** So many write in one turn of the event loop; then what they wrote is sent, and others have their turn. */
const perTurn = 100;

export interface WatchWritersParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the server stops. */
  readonly signal: AbortSignal;
  /** Registers whom to remind of bookmarks. */
  readonly watchStarted: (watch: { requestBookmark(): void }) => () => void;
  /** Calls `giveUp` unless what it returns is called in time. */
  readonly waitsFor: (bytes: number, giveUp: () => void) => () => void;
}

/** The watches that are open on a server's connections, and what they share. */
export class WatchWriters {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly waitsFor: WatchWritersParts["waitsFor"];
  readonly #open = new Set<WatchWriter>();
  #due: WatchWriter[] = [];
  #isTurnComing = false;

  constructor(parts: WatchWritersParts) {
    this.clock = parts.clock;
    this.logger = parts.logger;
    this.waitsFor = parts.waitsFor;
    parts.watchStarted({
      requestBookmark: () => {
        for (const one of this.#open) one.requestBookmark();
      },
    });
    parts.signal.addEventListener("abort", () => {
      for (const one of this.#open) one.finish();
    });
  }

  start(reply: WatchReply, sink: WatchSink, rendering: WatchRendering): void {
    const writer = new WatchWriter(reply, sink, rendering, this);
    this.#open.add(writer);
    writer.begin();
  }

  /** By a writer that has something to write: it is called back when its turn comes. */
  due(writer: WatchWriter): void {
    this.#due.push(writer);
    this.#nextTurn();
  }

  ended(writer: WatchWriter): void {
    this.#open.delete(writer);
  }

  #nextTurn(): void {
    if (this.#isTurnComing) return;
    this.#isTurnComing = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#isTurnComing = false;
    for (const writer of this.#due.splice(0, perTurn)) writer.pump();
    if (this.#due.length > 0) this.#nextTurn();
  };
}
