import { randomUUID } from "node:crypto";
import { type Clock, type Disposable, errorMessage, pause } from "@berth/base";
import { type EtcdClient, EtcdError, type EtcdEvent } from "@berth/etcd";
import type { StoreEvent } from "../store.ts";
import { checkHistory, cutShort } from "./etcd-history.ts";
import type { EtcdKeys } from "./etcd-keys.ts";
import { eventOf, put } from "./etcd-requests.ts";
import { RecentEvents } from "./recent-events.ts";

const retryMs = 100;
/** A mark that was written is seen by then, or the watch is no longer alive. */
const markMs = 5_000;

export interface FollowerParts {
  readonly client: EtcdClient;
  readonly keys: EtcdKeys;
  readonly offset: number;
  readonly clock: Clock;
  /** In revision order, none twice, none left out. */
  readonly deliver: (events: readonly StoreEvent[]) => void;
  /** History was compacted past what was delivered: whoever listens has to begin anew. */
  readonly lost: (error: Error) => void;
}

/** Follows everything in the store by one watch, through lost connections and dead members. */
export class EtcdFollower implements Disposable {
  readonly label = "watch of the store";
  readonly #parts: FollowerParts;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<{ revision: number; resolve: () => void; reject: (error: Error) => void }>();
  #recent = new RecentEvents(0);
  #broken: ((error: Error) => void) | undefined;
  #running: Promise<void> | undefined;
  #marking: Promise<void> | undefined;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  get recent(): RecentEvents {
    return this.#recent;
  }

  /** Resolves when it follows. */
  async start(): Promise<void> {
    await this.#begin();
    this.#running = this.#run();
    await this.until(this.#recent.start + 1);
  }

  /** Resolves when everything up to `revision` has been delivered. */
  async until(revision: number): Promise<void> {
    if (revision <= this.#recent.reached) return;
    this.#stop.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const one = { revision, resolve, reject };
    this.#waiting.add(one);
    try {
      await promise;
    } finally {
      this.#waiting.delete(one);
    }
  }

  /**
   * Sees to it that `revision` is reached. It may be one at which others who share the etcd changed keys of theirs: then
   * only a change of our own makes the watch tell of something later.
   */
  nudge(revision: number): void {
    if (revision <= this.#recent.reached || this.#marking) return;
    this.#marking = this.#mark(revision).finally(() => (this.#marking = undefined));
  }

  async #mark(revision: number): Promise<void> {
    const { clock } = this.#parts;
    await pause(clock, retryMs, this.#stop.signal);
    if (this.#stop.signal.aborted || revision <= this.#recent.reached) return;
    try {
      const marked = await this.#writeMark();
      const late = clock.after(markMs, () => this.#break(marked), { background: true });
      await this.until(marked).finally(() => late.cancel());
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#broken?.(error as Error);
    }
  }

  /** A stream that brings nothing although something was written is dead, whatever its connection says. */
  #break(revision: number): void {
    if (revision > this.#recent.reached) this.#broken?.(new Error("the watch has fallen silent"));
  }

  async #writeMark(): Promise<number> {
    const { client, keys, offset } = this.#parts;
    const { header } = await client.txn({ success: [put(keys.mark, Buffer.from(randomUUID()))] });
    return Number(header?.revision) + offset;
  }

  async #begin(): Promise<void> {
    this.#recent = new RecentEvents((await this.#writeMark()) - 1);
  }

  async #beginAgain(): Promise<boolean> {
    try {
      await this.#begin();
      return true;
    } catch {
      return false;
    }
  }

  async #run(): Promise<void> {
    const { client, clock, lost } = this.#parts;
    const { signal } = this.#stop;
    let problem: Error | undefined;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        problem = error as Error;
        if (signal.aborted) return;
        client.passOn();
      }
      if (problem && isLoss(problem)) {
        const error = cutShort(this.#recent.reached);
        // First it begins anew: who listens again at once must miss nothing of what comes then.
        if (await this.#beginAgain()) {
          lost(error);
          problem = undefined;
        }
      }
      await pause(clock, retryMs, signal);
    }
  }

  /** One watch, from its opening to its end. Rejects with the reason. */
  async #follow(): Promise<never> {
    const { client, keys, offset } = this.#parts;
    const { reached } = this.#recent;
    await checkHistory(client, keys, offset, reached);
    const ended = Promise.withResolvers<never>();
    const watch = await client.watch(
      { ...keys.all, startRevision: reached - offset + 1 },
      { events: (events) => this.#take(events, ended.reject), ended: ended.reject },
    );
    this.#broken = ended.reject;
    const onStop = (): void => ended.reject(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    if (this.#stop.signal.aborted) onStop();
    try {
      return await ended.promise;
    } finally {
      this.#stop.signal.removeEventListener("abort", onStop);
      this.#broken = undefined;
      await watch.dispose();
    }
  }

  #take(batch: readonly EtcdEvent[], fail: (error: Error) => void): void {
    const { keys, offset, deliver } = this.#parts;
    const events: StoreEvent[] = [];
    for (const one of batch) {
      const event = eventOf(keys, offset, one);
      if (event === "cut") return fail(cutShort(this.#recent.reached));
      if (event !== "hidden") events.push(event);
    }
    const reached = Number(batch.at(-1)?.kv?.mod_revision) + offset;
    this.#recent.add(events, reached);
    if (events.length > 0) deliver(events);
    for (const one of this.#waiting) if (one.revision <= reached) one.resolve();
  }

  async dispose(): Promise<void> {
    const reason = new Error("the store is closed");
    this.#stop.abort(reason);
    for (const one of this.#waiting) one.reject(reason);
    await this.#running;
    await this.#marking;
  }
}

function isLoss(error: Error): boolean {
  return error instanceof EtcdError ? error.isCompacted : errorMessage(error).includes("compacted");
}
