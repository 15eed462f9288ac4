import { expect, it } from "vitest";
import { BerthError, FakeClock, silentLogger } from "@berth/base";
import { revisionCompacted, storeUnreachable } from "../../store/errors.ts";
import { openMemoryStore } from "../../store/memory-store.ts";
import type { Store, WatchListener } from "../../store/store.ts";
import { Watch } from "./watch.ts";
import { WatchCache } from "./watch-cache.ts";

const prefix = "/core/pods/";
const all = { namespace: "", name: "" };
const pod = (name: string): Buffer =>
  Buffer.from(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "a" } }));

it("reads everything anew when the store has lost its watch, says so meanwhile and tells watchers 410", async () => {
  const clock = new FakeClock();
  const memory = openMemoryStore({ clock });
  let cut = (): void => {};
  let isAway = false;
  const store: Store = new Proxy(memory, {
    get(target, name) {
      if (name === "watch")
        return (at: string, after: number, listener: WatchListener) => {
          const watch = target.watch(at, after, listener);
          cut = () => {
            void watch.dispose();
            listener.ended(new BerthError(revisionCompacted, "cut short"));
          };
          return watch;
        };
      if (name === "list" && isAway)
        return () => Promise.reject(new BerthError(storeUnreachable, "no way to it"));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  await store.create(`${prefix}a/kept`, pod("kept"));
  await store.create(`${prefix}a/gone`, pod("gone"));
  await store.create("/core/services/a/last", pod("last"));
  const cache = new WatchCache(store, clock, silentLogger);
  await cache.start();
  const before = cache.revision;
  const open = (revision: number): Watch =>
    new Watch(cache.kind(prefix), all, { revision, markEnd: false }, cache);
  const watcher = open(before);
  let woken = 0;
  watcher.wakes({ wake: () => woken++ });

  isAway = true;
  cut();
  expect(cache.broken?.message).toBe("cut short");
  await store.delete(`${prefix}a/gone`);
  await store.delete("/core/services/a/last");
  await store.create(`${prefix}a/new`, pod("new"));
  await clock.advance(1_000);
  expect(cache.broken?.message).toBe("no way to it");
  isAway = false;
  woken = 0;
  await clock.advance(1_000);

  expect(cache.broken).toBeUndefined();
  expect([...cache.kind(prefix).objects()].map(({ name }) => name)).toEqual(["kept", "new"]);
  expect([...cache.kind("/core/services/").objects()]).toEqual([]);
  expect(cache.revision).toBe(await store.currentRevision());
  expect(woken).toBeGreaterThan(0);
  expect(() => watcher.read(10)).toThrow(expect.objectContaining({ code: 410 }) as Error);
  expect(() => open(before)).toThrow(expect.objectContaining({ code: 410 }) as Error);
  const next = open(cache.revision);
  await store.create(`${prefix}a/later`, pod("later"));
  expect(next.read(10)).toMatchObject([{ type: "ADDED", object: { name: "later" } }]);
  await cache.dispose();
  await memory.close();
});

it("reads one state of the store, whatever is written between the pages", async () => {
  const clock = new FakeClock();
  const memory = openMemoryStore({ clock });
  for (let i = 1000; i < 2100; i++) await memory.create(`${prefix}a/${i}`, pod(`${i}`));
  let pages = 0;
  const store: Store = new Proxy(memory, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "list") return typeof value === "function" ? (value.bind(target) as unknown) : value;
      return async (...args: Parameters<Store["list"]>) => {
        if (++pages === 2) await target.delete(`${prefix}a/2050`);
        return await target.list(...args);
      };
    },
  });
  const before = await memory.currentRevision();
  const cache = new WatchCache(store, clock, silentLogger);
  await cache.start();
  await memory.create(`${prefix}a/later`, pod("later"));
  const watch = new Watch(cache.kind(prefix), all, { revision: before, markEnd: false }, cache);
  expect(watch.read(10)).toMatchObject([
    { type: "DELETED", object: { name: "2050" } },
    { type: "ADDED", object: { name: "later" } },
  ]);
  expect(cache.kind(prefix).size).toBe(1100);
  await cache.dispose();
  await memory.close();
});
