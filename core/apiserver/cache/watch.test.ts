import { FakeClock, silentLogger } from "@berth/base";
import { describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { openMemoryStore } from "../../store/memory-store.ts";
import type { CachedObject } from "./cached-object.ts";
import { Watch, type WatchItem, type WatchStart } from "./watch.ts";
import { WatchCache } from "./watch-cache.ts";

const prefix = "/core/pods/";
const key = `${prefix}d/p`;
const pod = (app: string) => ({ metadata: { name: "p", namespace: "d", labels: { app } } });
const matches = (object: CachedObject): boolean =>
  object.object<ReturnType<typeof pod>>().metadata.labels.app === "web";

/** Type of each, its label, and the revision that the object says it has. */
const shown = (items: readonly WatchItem[]): string[] =>
  items.map((item) => {
    if (item.type === "BOOKMARK") return `BOOKMARK ${item.revision}${item.initialEventsEnd ? " end" : ""}`;
    const { metadata } = item.object.object<{
      metadata: { labels: { app: string }; resourceVersion: string };
    }>();
    return `${item.type} ${metadata.labels.app} ${metadata.resourceVersion}`;
  });

function watching(start: Partial<WatchStart> = {}, selection: { matches?: typeof matches } = { matches }) {
  const { cache, put, remove } = filledCache();
  const whole = { revision: 0 };
  const open = (revision = 0): Watch =>
    new Watch(
      cache.kind(prefix),
      { namespace: "", name: "", ...selection },
      { revision, markEnd: false, ...start },
      whole,
    );
  return { kind: cache.kind(prefix), put, remove, whole, open };
}

describe("a watch with a selector", () => {
  it("tells what comes into it as added and what leaves it as deleted, as it was, with the revision of its leave", () => {
    const { put, remove, open } = watching();
    const watch = open();
    put(key, pod("other"));
    put(key, pod("web"));
    put(key, pod("web"));
    put(key, pod("other"));
    put(key, pod("other"));
    put(key, pod("web"));
    remove(key);
    expect(shown(watch.read(100))).toEqual([
      "ADDED web 2",
      "MODIFIED web 3",
      "DELETED web 4",
      "ADDED web 6",
      "DELETED web 7",
    ]);
  });
});

describe("a watch", () => {
  it("of a namespace or of a name tells of nothing else", () => {
    const { kind, put, remove } = watching();
    const open = (namespace: string, name: string): Watch =>
      new Watch(kind, { namespace, name }, { revision: 0, markEnd: false }, { revision: 0 });
    for (const at of ["d/p", "d/q", "other/p"]) put(`${prefix}${at}`, pod("web"));
    remove(`${prefix}other/p`);
    const told = (watch: Watch): string[] =>
      watch.read(10).map((item) => (item.type === "BOOKMARK" ? "" : item.object.key.slice(prefix.length)));
    expect(told(open("d", ""))).toEqual(["d/p", "d/q"]);
    expect(told(open("", "p"))).toEqual(["d/p", "other/p", "other/p"]);
    expect(told(open("other", "q"))).toEqual([]);
  });

  it("shows all that there was before it says where the present ends, however small the pages", () => {
    const { kind, put, open } = watching();
    put(key, pod("web"));
    put(`${prefix}d/q`, pod("web"));
    const initial = [...kind.objects()];
    const watch = new Watch(
      kind,
      { namespace: "", name: "" },
      { revision: 2, initial, markEnd: true },
      {
        revision: 2,
      },
    );
    put(key, pod("web"));
    expect(shown(watch.read(1))).toEqual(["ADDED web 1"]);
    expect(shown([...watch.read(1), ...watch.read(1), ...watch.read(1)])).toEqual([
      "ADDED web 2",
      "BOOKMARK 2 end",
      "MODIFIED web 3",
    ]);
    expect(open(3).read(10)).toEqual([]);
  });

  it("is never told of a revision whose events it has not seen, nor of one before its own beginning", () => {
    const { put, whole, open } = watching();
    const watch = open();
    for (let count = 0; count < 3; count++) put(key, pod("web"));
    whole.revision = 3;
    watch.requestBookmark();
    expect(shown(watch.read(2))).toEqual(["ADDED web 1", "MODIFIED web 2"]);
    expect(shown(watch.read(2))).toEqual(["MODIFIED web 3", "BOOKMARK 3"]);
    const ahead = open(9);
    ahead.requestBookmark();
    expect(ahead.read(10)).toEqual([]);
  });
});

it("a watch from before this server's start sees what objects were then, not what they are", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const bytes = (app: string) => Buffer.from(JSON.stringify(pod(app)));
  const made = await store.create(key, bytes("web"));
  if (!made.written) throw new Error("not created");
  await store.update(key, bytes("web"), made.item.modRevision);
  await store.create(`${prefix}d/q`, bytes("web"));
  // The newest change of all is one that leaves nothing behind.
  await store.delete(`${prefix}d/q`);
  const cache = new WatchCache(store, clock, silentLogger);
  await cache.start();
  const start = { revision: made.item.modRevision - 1, markEnd: false };
  const watch = new Watch(cache.kind(prefix), { namespace: "", name: "", matches }, start, cache);
  expect(watch.read(10).map(({ type }) => type)).toEqual(["ADDED", "MODIFIED", "ADDED", "DELETED"]);
  await cache.dispose();
  await store.close();
});
