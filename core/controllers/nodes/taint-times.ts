import type { Clock } from "@berth/base";
import type { Taint } from "../../api/index.ts";

/** Since when nodes have their taints, on this process's own clock: a taint's `timeAdded` may be of a clock that was wrong. */
export class TaintTimes {
  readonly #clock: Clock;
  readonly #seen = new Map<string, ReadonlyMap<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The taints that a node has now; none for one that is gone. */
  note(node: string, taints: readonly Taint[]): void {
    const before = this.#seen.get(node);
    const now = this.#clock.monotonic();
    if (taints.length === 0) this.#seen.delete(node);
    else
      this.#seen.set(node, new Map(taints.map((taint) => [keyOf(taint), before?.get(keyOf(taint)) ?? now])));
  }

  /** Monotonic milliseconds. */
  since(node: string, taint: Taint): number {
    return this.#seen.get(node)?.get(keyOf(taint)) ?? this.#clock.monotonic();
  }
}

/** One that went and came again is another one. */
function keyOf({ key, effect, timeAdded }: Taint): string {
  return `${key} ${effect} ${timeAdded}`;
}
