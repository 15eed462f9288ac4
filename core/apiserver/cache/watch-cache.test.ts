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
  await store.create(`${prefix}a/new`, pod("new"));
  await clock.advance(1_000);
  expect(cache.broken?.message).toBe("no way to it");
  isAway = false;
  woken = 0;
  await clock.advance(1_000);

  expect(cache.broken).toBeUndefined();
  expect([...cache.kind(prefix).objects()].map(({ name }) => name)).toEqual(["kept", "new"]);
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
