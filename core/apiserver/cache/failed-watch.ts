import type { CacheReader } from "./kind-cache.ts";
import type { ObjectWatch } from "./watch.ts";

/** A watch that could not begin: its reader is told why with the first reading. */
export class FailedWatch implements ObjectWatch {
  readonly label = "watch";
  readonly #error: Error;
  #ended: () => void = () => {};

  constructor(error: Error) {
    this.#error = error;
  }

  wakes(reader: CacheReader): void {
    reader.wake();
  }

  requestBookmark(): void {}

  read(): never {
    throw this.#error;
  }

  onEnd(ended: () => void): void {
    this.#ended = ended;
  }

  dispose(): void {
    const ended = this.#ended;
    this.#ended = () => {};
    ended();
  }
}
