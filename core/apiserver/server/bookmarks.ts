import type { Clock, Disposable, Timer } from "@berth/base";

const intervalMs = 60_000;

/** Reminds every watch that asked for bookmarks, once a minute, with one timer for all of them. */
export class Bookmarks implements Disposable {
  readonly label = "bookmarks";
  readonly #clock: Clock;
  readonly #watches = new Set<{ requestBookmark(): void }>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#timer = this.#clock.after(intervalMs, () => this.#tick(), { background: true });
  }

  readonly watchStarted = (watch: { requestBookmark(): void }): (() => void) => {
    this.#watches.add(watch);
    return () => {
      this.#watches.delete(watch);
    };
  };

  #tick(): void {
    for (const watch of this.#watches) watch.requestBookmark();
    this.start();
  }

  dispose(): void {
    this.#timer?.cancel();
    this.#watches.clear();
  }
}
