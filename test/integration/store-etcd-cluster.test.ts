import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { DisposableStack } from "@berth/base";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import type { Store } from "../../core/store/store.ts";
import { startEtcdCluster } from "../support/etcd/etcd-cluster.ts";

const lanes = 8;

it("loses no acknowledged write while one of three members is killed and another is cut off", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bec-"));
  const stack = new DisposableStack("test");
  stack.defer(folder, () => rmSync(folder, { recursive: true, force: true }));
  try {
    const { members, how } = await startEtcdCluster(folder, stack);
    console.warn(`three members as ${how}`);
    const servers = members.map(({ server }) => server);
    const store = await eventually(() => openEtcdStore({ servers }));
    stack.defer("store", () => store.close());
    const start = await store.currentRevision();
    const seen = follow(store, start);
    const acknowledged = new Map<string, number>();
    let refused = 0;
    const stop = new AbortController();
    const writing = Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (let i = 0; !stop.signal.aborted; i++) {
          const key = `/k/${lane}/${i}`;
          try {
            const result = await store.create(key, Buffer.from(key));
            if (result.written) acknowledged.set(key, result.item.modRevision);
          } catch {
            refused++;
            await sleep(20);
          }
        }
      }),
    );
    const more = async (writes: number): Promise<void> => {
      const enough = acknowledged.size + writes;
      await until(() => acknowledged.size >= enough);
    };
    await more(100);
    // The client is at the first one.
    await members[0]!.kill();
    await more(100);
    members[1]!.cut();
    const before = refused;
    // One of three is no majority: nothing may be acknowledged, and the writers are told so.
    await until(() => refused > before);
    members[1]!.heal();
    await more(100);
    stop.abort();
    await writing;

    const standing = new Map((await store.list("/k/")).items.map((item) => [item.key, item.modRevision]));
    expect([...acknowledged].filter(([key, revision]) => standing.get(key) !== revision)).toEqual([]);
    const last = Math.max(...acknowledged.values());
    await until(() => (seen.at(-1)?.revision ?? 0) >= last);
    const told = new Map(seen.map(({ key, revision }) => [key, revision]));
    expect([...standing].filter(([key, revision]) => told.get(key) !== revision)).toEqual([]);
    expect(seen.map(({ revision }) => revision)).toEqual(
      [...new Set(seen.map(({ revision }) => revision))].toSorted((a, b) => a - b),
    );
  } finally {
    await stack.dispose();
  }
});

function follow(store: Store, after: number): { key: string; revision: number }[] {
  const seen: { key: string; revision: number }[] = [];
  store.watch("/k/", after, {
    events: (events) => seen.push(...events.map(({ key, revision }) => ({ key, revision }))),
    progress: () => {},
    ended: () => {},
  });
  return seen;
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 100_000; !holds(); await sleep(20))
    if (Date.now() > end) throw new Error(`it never came to be that ${holds.toString()}`);
}

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
