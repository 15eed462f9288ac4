import { type Clock, Emitter, type Timer } from "@berth/base";

import { Heap } from "./heap.ts";
import type { ClusterChange, PodInfo } from "./model.ts";

const backoffBaseMs = 1000;
const backoffCapMs = 10_000;
/** A pod that no change woke is tried again after this long, in case a change was misjudged. */
const sweepMs = 5 * 60_000;

interface Entry {
  info: PodInfo;
  readonly since: number;
  readonly sequence: number;
  attempts: number;
  place: "active" | "backoff" | "waiting" | "taken";
  /** Changes worth another try. */
  wakesOn: ReadonlySet<ClusterChange>;
  /** Changes seen when it was taken, so that one during the attempt is not missed. */
  seen: ReadonlyMap<ClusterChange, number>;
  /** When the back-off ends, on the clock's monotonic time. */
  readyAt: number;
  stale: boolean;
}

/**
 * Pods without a node. Ready ones leave by priority, then by age; refused ones wait until something changes that could
 * help them, and not before their back-off is over.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #active = new Heap<Entry>(byPriorityThenAge);
  readonly #changes = new Map<ClusterChange, number>();
  readonly #ready = new Emitter<void>();
  readonly #timers = new Map<string, Timer>();
  #sequence = 0;

  /** Fires whenever a pod became ready to be taken. */
  readonly onDidBecomeReady = this.#ready.event;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a pod, or takes note of its new form; a change of the pod itself makes it worth another try. */
  put(info: PodInfo): void {
    const known = this.#entries.get(info.key);
    if (known && known.info.pod.metadata.uid === info.pod.metadata.uid) {
      const isSame = known.info.pod.metadata.generation === info.pod.metadata.generation;
      known.info = info;
      if (!isSame && known.place === "waiting") this.#retry(known);
      return;
    }
    if (known) this.delete(info.key);
    const entry: Entry = {
      info,
      since: Date.parse(info.pod.metadata.creationTimestamp ?? "") || 0,
      sequence: this.#sequence++,
      attempts: 0,
      place: "active",
      wakesOn: new Set(),
      seen: new Map(),
      readyAt: 0,
      stale: false,
    };
    this.#entries.set(info.key, entry);
    this.#activate(entry);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.stale = true;
    this.#entries.delete(key);
    this.#cancelTimer(key);
  }

  /** The next pod to place; it stays known until it is deleted, refused or handed back. */
  take(): PodInfo | undefined {
    for (let entry = this.#active.pop(); entry; entry = this.#active.pop()) {
      if (entry.stale || entry.place !== "active") continue;
      entry.place = "taken";
      entry.attempts++;
      entry.seen = new Map(this.#changes);
      return entry.info;
    }
    return undefined;
  }

  /** The pod fits nowhere until one of these changes happens. */
  refuse(key: string, wakesOn: ReadonlySet<ClusterChange>): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.wakesOn = wakesOn;
    entry.readyAt = this.#clock.monotonic() + backoffMs(entry.attempts);
    this.#wait(entry);
  }

  /** The pod's turn ended for now, for a reason that is nobody's failure: no back-off when the change comes. */
  postpone(key: string, wakesOn: ReadonlySet<ClusterChange>): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.attempts = 0;
    entry.wakesOn = wakesOn;
    entry.readyAt = 0;
    this.#wait(entry);
  }

  /** Something failed that is not the cluster's shape: try again after the back-off. */
  retryLater(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.readyAt = this.#clock.monotonic() + backoffMs(entry.attempts);
    this.#retry(entry);
  }

  wake(change: ClusterChange): void {
    this.#changes.set(change, (this.#changes.get(change) ?? 0) + 1);
    for (const entry of this.#entries.values()) {
      if (entry.place === "waiting" && entry.wakesOn.has(change)) this.#retry(entry);
    }
  }

  dispose(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#entries.clear();
  }

  #wait(entry: Entry): void {
    const changed = [...entry.wakesOn].some(
      (change) => (this.#changes.get(change) ?? 0) > (entry.seen.get(change) ?? 0),
    );
    if (changed) return this.#retry(entry);
    entry.place = "waiting";
    this.#setTimer(entry, sweepMs, () => this.#retry(entry));
  }

  #retry(entry: Entry): void {
    const ms = entry.readyAt - this.#clock.monotonic();
    if (ms <= 0) return this.#activate(entry);
    entry.place = "backoff";
    this.#setTimer(entry, ms, () => this.#activate(entry));
  }

  #activate(entry: Entry): void {
    this.#cancelTimer(entry.info.key);
    entry.place = "active";
    this.#active.push(entry);
    this.#ready.fire();
  }

  #setTimer(entry: Entry, ms: number, callback: () => void): void {
    const { key } = entry.info;
    this.#cancelTimer(key);
    const timer = this.#clock.after(
      ms,
      () => {
        this.#timers.delete(key);
        if (!entry.stale) callback();
      },
      { background: true },
    );
    this.#timers.set(key, timer);
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }
}

function backoffMs(attempts: number): number {
  return Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.max(0, attempts - 1));
}

function byPriorityThenAge(a: Entry, b: Entry): number {
  const priority = (b.info.pod.spec.priority ?? 0) - (a.info.pod.spec.priority ?? 0);
  return priority || a.since - b.since || a.sequence - b.sequence;
}
