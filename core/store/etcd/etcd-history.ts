import { BerthError, type Disposable } from "@berth/base";
import type { EtcdClient, EtcdEvent } from "@berth/etcd";
import type { HistoryPage } from "../engine.ts";
import { revisionCompacted } from "../errors.ts";
import type { StoreEvent } from "../store.ts";
import type { EtcdKeys } from "./etcd-keys.ts";
import { eventOf } from "./etcd-requests.ts";

/**
 * Reads what happened to a prefix after revision `after`, from etcd's own history, at most up to `until`: a revision
 * after which the root is known to have been changed. The watch is on the whole root, so that change is told, and with it
 * that nothing before is still to come. No word of progress from etcd is needed, which old releases may give too early.
 */
export async function readHistory(
  client: EtcdClient,
  keys: EtcdKeys,
  offset: number,
  options: { prefix: string; after: number; until: number; limit: number },
): Promise<HistoryPage> {
  const { prefix, after, until, limit } = options;
  const found: StoreEvent[] = [];
  const done = Promise.withResolvers<HistoryPage>();
  let isFull = false;
  const finish = (upTo: number): void => {
    isFull = true;
    done.resolve({ events: found, upTo, more: true });
  };
  const take = (batch: EtcdEvent[]): void => {
    if (isFull) return;
    for (const one of batch) {
      if (Number(one.kv?.mod_revision) + offset > until) return finish(until);
      const event = eventOf(keys, offset, one);
      if (event === "cut") return done.reject(cutShort(after));
      if (event !== "hidden" && event.key.startsWith(prefix)) found.push(event);
    }
    if (found.length >= limit) finish(Number(batch.at(-1)?.kv?.mod_revision) + offset);
  };
  let watch: Disposable | undefined;
  try {
    await checkHistory(client, keys, offset, after);
    const startRevision = Math.max(1, after - offset + 1);
    watch = await client.watch(
      { ...keys.all, startRevision },
      { events: take, ended: (error) => done.reject(error) },
    );
    const page = await done.promise;
    // Compaction may have come between, and have taken a deletion with it.
    await checkHistory(client, keys, offset, after);
    return page;
  } finally {
    // Who fails before it is waited for must not end the process.
    done.promise.catch(() => {});
    void watch?.dispose();
  }
}

/** Rejects when changes right after that revision are no longer known. */
export async function checkHistory(
  client: EtcdClient,
  keys: EtcdKeys,
  offset: number,
  after: number,
): Promise<void> {
  if (offset > 0 && after <= offset) throw cutShort(after);
  await client.range({ key: keys.meta, count_only: true, revision: Math.max(1, after - offset) });
}

export function cutShort(after: number): BerthError {
  return new BerthError(revisionCompacted, `revision ${after} is too old: its history has been compacted`);
}
