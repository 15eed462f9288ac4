import type { Disposable } from "@berth/base";

const delayMs = 10;

/** Something that keeps work for later and must do it before this process ends. */
export interface Flushable {
  flush(): void;
}

/**
 * Has what recorders gathered written together, one timer for all of a node: done call by call it cost more than all
 * else that the host adds to a call. An end of this process by itself, an exception included, loses nothing; a SIGKILL
 * loses the last {@link delayMs}.
 */
export class FlushRound implements Disposable {
  readonly label = "rounds of flushing";
  readonly #due = new Set<Flushable>();
  readonly #atEnd = (): void => this.#flush();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    process.on("exit", this.#atEnd);
  }

  add(item: Flushable): void {
    this.#due.add(item);
    this.#timer ??= setTimeout(() => this.#flush(), delayMs);
  }

  dispose(): void {
    process.off("exit", this.#atEnd);
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = [...this.#due];
    this.#due.clear();
    for (const item of due) item.flush();
  }
}
