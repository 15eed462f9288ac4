import type { Clock } from "@berth/base";

/** After this long an expectation is given up: the event it waited for may never have been sent. */
const expireMs = 5 * 60_000;

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly since: number;
}

/**
 * What a controller has asked of the API and not yet seen in its informers. While something is outstanding its picture
 * of the world is old, and acting on it would do things twice.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  areMet(key: string): boolean {
    const expected = this.#expected.get(key);
    if (!expected) return true;
    if (expected.creations > 0 || expected.deletions.size > 0) {
      return this.#clock.monotonic() - expected.since > expireMs;
    }
    return true;
  }

  expectCreations(key: string, count: number): void {
    this.#fresh(key).creations += count;
  }

  expectDeletions(key: string, uids: readonly string[]): void {
    const { deletions } = this.#fresh(key);
    for (const uid of uids) deletions.add(uid);
  }

  /** Seen, or failed and not to be expected any more. */
  created(key: string): void {
    const expected = this.#expected.get(key);
    if (expected && expected.creations > 0) expected.creations--;
  }

  deleted(key: string, uid: string): void {
    this.#expected.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }

  #fresh(key: string): Expected {
    const known = this.#expected.get(key);
    if (known && !this.areMet(key)) return known;
    const expected: Expected = {
      creations: 0,
      deletions: new Set(),
      since: this.#clock.monotonic(),
    };
    this.#expected.set(key, expected);
    return expected;
  }
}
