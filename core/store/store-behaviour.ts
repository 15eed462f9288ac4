import { afterEach, describe, expect, it } from "vitest";

import type { FakeClock } from "@berth/base";

import {
  revisionCompacted,
  revisionFuture,
  storeClosed,
  storeKeyInvalid,
  storeValueTooLarge,
} from "./errors.ts";
import { maxValueBytes, type Store, type StoreEvent, type StoredItem, type WriteResult } from "./store.ts";

export interface BackendUnderTest {
  readonly store: Store;
  readonly clock: FakeClock;
}

/** What every backend promises. `open` gives an empty store of that offset; the suite closes it. */
export function describeStore(
  backend: string,
  open: (options: { revisionOffset?: number }) => Promise<BackendUnderTest>,
): void {
  const opened: Store[] = [];
  const begin = async (options: { revisionOffset?: number } = {}): Promise<BackendUnderTest> => {
    const made = await open(options);
    opened.push(made.store);
    return made;
  };
  const empty = async (): Promise<Store> => (await begin()).store;

  describe(`store on ${backend}`, () => {
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    describe("single keys", () => {
      it("gives an absent key as undefined, at revision 1 or more", async () => {
        const result = await (await empty()).get("/a");
        expect(result.item).toBeUndefined();
        expect(result.revision).toBeGreaterThanOrEqual(1);
      });

      it("gives back what was created, with its revision in both places", async () => {
        const store = await empty();
        const item = written(await store.create("/a", bytes("one")));
        expect(item.createRevision).toBe(item.modRevision);
        expect(await store.get("/a")).toEqual({ revision: item.modRevision, item });
        expect(text(item)).toBe("one");
      });

      it("refuses to create a key twice and shows what stands there", async () => {
        const store = await empty();
        const item = written(await store.create("/a", bytes("one")));
        const revision = await store.currentRevision();
        expect(await store.create("/a", bytes("two"))).toEqual({ written: false, current: item });
        expect(await store.currentRevision()).toBe(revision);
      });

      it("updates at the expected revision only", async () => {
        const store = await empty();
        const first = written(await store.create("/a", bytes("one")));
        const second = written(await store.update("/a", bytes("two"), first.modRevision));
        expect(second.modRevision).toBeGreaterThan(first.modRevision);
        expect(second.createRevision).toBe(first.createRevision);
        const late = await store.update("/a", bytes("three"), first.modRevision);
        expect(late).toEqual({ written: false, current: second });
      });

      it("does not update an absent key", async () => {
        expect(await (await empty()).update("/a", bytes("x"), 1)).toEqual({
          written: false,
          current: undefined,
        });
      });

      it("deletes with and without an expected revision, and gives back what it deleted", async () => {
        const store = await empty();
        const a = written(await store.create("/a", bytes("a")));
        const b = written(await store.create("/b", bytes("b")));
        expect(await store.delete("/a", { expectedRevision: b.modRevision })).toEqual({
          deleted: false,
          current: a,
        });
        const gone = await store.delete("/a", { expectedRevision: a.modRevision });
        expect(gone).toMatchObject({ deleted: true, previous: a });
        expect(await store.delete("/a")).toEqual({ deleted: false, current: undefined });
        expect(await store.delete("/b")).toMatchObject({ deleted: true, previous: b });
      });

      it("lets a key return after deletion with a new creation revision", async () => {
        const store = await empty();
        const first = written(await store.create("/a", bytes("1")));
        await store.delete("/a");
        const again = written(await store.create("/a", bytes("2")));
        expect(again.createRevision).toBeGreaterThan(first.createRevision);
      });

      it("gives every write its own revision, however many are under way at once", async () => {
        const store = await empty();
        const results = await Promise.all(
          Array.from({ length: 700 }, (_, i) => store.create(`/k/${i}`, bytes(`${i}`))),
        );
        const revisions = results.map((result) => written(result).modRevision);
        expect(new Set(revisions).size).toBe(700);
        expect(Math.max(...revisions) - Math.min(...revisions)).toBe(699);
      });

      it("lets exactly one of many creators of a key win", async () => {
        const store = await empty();
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) => store.create("/a", bytes(`${i}`))),
        );
        expect(results.filter((result) => result.written)).toHaveLength(1);
      });

      it("keeps bytes as they are, and apart from the writer's buffer", async () => {
        const store = await empty();
        const value = Buffer.from([0, 255, 128, 10, 0]);
        const promise = store.create("/a", value);
        value.fill(7);
        await promise;
        expect([...(await store.get("/a")).item!.value]).toEqual([0, 255, 128, 10, 0]);
      });

      it("keeps an empty value apart from none", async () => {
        const store = await empty();
        await store.create("/a", new Uint8Array());
        expect((await store.get("/a")).item?.value.byteLength).toBe(0);
      });

      it("refuses values over the limit, and keys that are empty, too long or have control characters", async () => {
        const store = await empty();
        await expect(store.create("/a", Buffer.alloc(maxValueBytes + 1))).rejects.toMatchObject({
          definition: storeValueTooLarge,
        });
        for (const key of ["", "/a\u0000b", `/${"x".repeat(3000)}`, "/\ud800"]) {
          await expect(store.create(key, bytes("x"))).rejects.toMatchObject({ definition: storeKeyInvalid });
        }
        expect(await store.count("")).toBe(0);
      });
    });

    describe("lists", () => {
      it("gives the keys of a prefix in byte order, and no others", async () => {
        const store = await empty();
        const keys = ["/p/b", "/p/a", "/q/a", "/p/a/c", "/p", "/p/é", "/p/\u{1f600}", "/p/\uffee", "/p0"];
        for (const key of keys) await store.create(key, bytes(key));
        const { items } = await store.list("/p/");
        expect(items.map(({ key }) => key)).toEqual([
          "/p/a",
          "/p/a/c",
          "/p/b",
          "/p/é",
          "/p/\uffee",
          "/p/\u{1f600}",
        ]);
        expect(items.map(text)).toEqual(items.map(({ key }) => key));
        expect((await store.list("")).items).toHaveLength(keys.length);
        expect(await store.count("/p/")).toBe(6);
      });

      it("pages through a prefix with the number that remains", async () => {
        const store = await empty();
        for (let i = 0; i < 7; i++) await store.create(`/p/${i}`, bytes(`${i}`));
        const first = await store.list("/p/", { limit: 3 });
        expect([first.items.length, first.remaining]).toEqual([3, 4]);
        const rest = { revision: first.revision, limit: 3 };
        const second = await store.list("/p/", { ...rest, afterKey: first.items.at(-1)!.key });
        expect([second.items.length, second.remaining]).toEqual([3, 1]);
        const third = await store.list("/p/", { ...rest, afterKey: second.items.at(-1)!.key });
        expect(third.items.map(({ key }) => key)).toEqual(["/p/6"]);
        expect(third.remaining).toBe(0);
      });

      it("shows one snapshot on every page while keys come, change and go", async () => {
        const store = await empty();
        for (let i = 0; i < 6; i++) await store.create(`/p/${i}`, bytes(`old ${i}`));
        const first = await store.list("/p/", { limit: 2 });
        await store.delete("/p/3");
        await store.create("/p/35", bytes("new"));
        const item = (await store.get("/p/4")).item!;
        await store.update("/p/4", bytes("new"), item.modRevision);
        const second = await store.list("/p/", { afterKey: "/p/1", revision: first.revision, limit: 3 });
        expect(second.items.map(text)).toEqual(["old 2", "old 3", "old 4"]);
        expect([second.remaining, second.revision]).toEqual([1, first.revision]);
        const last = await store.list("/p/", { afterKey: "/p/4", revision: first.revision });
        expect(last.items.map(text)).toEqual(["old 5"]);
        expect((await store.get("/p/3", { revision: first.revision })).item).toBeDefined();
        expect((await store.get("/p/3")).item).toBeUndefined();
      });

      it("refuses a revision that is yet to come", async () => {
        const store = await empty();
        const next = (await store.currentRevision()) + 1;
        await expect(store.list("/p/", { revision: next })).rejects.toMatchObject({
          definition: revisionFuture,
        });
        await expect(store.get("/p/a", { revision: next })).rejects.toMatchObject({
          definition: revisionFuture,
        });
      });
    });

    describe("watches", () => {
      it("tells creation, change and deletion with what was there before", async () => {
        const store = await empty();
        const watch = new Recorder(store, "/p/", await store.currentRevision());
        const one = written(await store.create("/p/a", bytes("1")));
        await store.create("/q/a", bytes("other"));
        const two = written(await store.update("/p/a", bytes("2"), one.modRevision));
        const gone = await store.delete("/p/a");
        expect(await watch.take(3)).toEqual([
          { type: "put", revision: one.modRevision, key: "/p/a", item: one, previous: undefined },
          { type: "put", revision: two.modRevision, key: "/p/a", item: two, previous: one },
          { type: "delete", revision: (gone as { revision: number }).revision, key: "/p/a", previous: two },
        ]);
      });

      it("has delivered the event before the write is acknowledged", async () => {
        const store = await empty();
        const watch = new Recorder(store, "/p/", await store.currentRevision());
        await watch.caughtUp();
        await store.create("/p/a", bytes("1"));
        expect(watch.events).toHaveLength(1);
      });

      it("begins with history and goes on live, with nothing twice and nothing left out", async () => {
        const store = await empty();
        const start = await store.currentRevision();
        const writers: Promise<WriteResult>[] = [];
        const recorders: Recorder[] = [];
        for (let i = 0; i < 3000; i++) {
          writers.push(store.create(`/p/${i}`, bytes(`${i}`)));
          if (i % 500 === 250) recorders.push(new Recorder(store, "/p/", start));
          if (i % 100 === 0) await Promise.resolve();
        }
        await Promise.all(writers);
        recorders.push(new Recorder(store, "/p/", start));
        for (const recorder of recorders) {
          const revisions = (await recorder.take(3000)).map((event) => event.revision);
          expect(revisions).toEqual(Array.from({ length: 3000 }, (_, i) => start + 1 + i));
        }
      });

      it("begins after the given revision and not at it", async () => {
        const store = await empty();
        const one = written(await store.create("/p/a", bytes("1")));
        await store.create("/p/b", bytes("2"));
        const watch = new Recorder(store, "/p/", one.modRevision);
        expect((await watch.take(1)).map((event) => event.key)).toEqual(["/p/b"]);
      });

      it("waits for a revision that is yet to come", async () => {
        const store = await empty();
        const watch = new Recorder(store, "/p/", (await store.currentRevision()) + 1);
        await store.create("/p/a", bytes("skipped"));
        await store.create("/p/b", bytes("told"));
        expect((await watch.take(1)).map((event) => event.key)).toEqual(["/p/b"]);
      });

      it("is silent after disposal", async () => {
        const store = await empty();
        const watch = new Recorder(store, "/p/", await store.currentRevision());
        await watch.caughtUp();
        await watch.dispose();
        await store.create("/p/a", bytes("1"));
        expect(watch.events).toEqual([]);
        expect(watch.end).toBeUndefined();
      });

      it("tells how far the store has come while nothing matches", async () => {
        const { store, clock } = await begin();
        const watch = new Recorder(store, "/p/", await store.currentRevision());
        await watch.caughtUp();
        const item = written(await store.create("/q/a", bytes("1")));
        await clock.advance(1000);
        expect(watch.progress.at(-1)).toBe(item.modRevision);
      });

      it("loses only the watch whose listener throws", async () => {
        const store = await empty();
        const start = await store.currentRevision();
        const bad = new Recorder(store, "/p/", start, () => {
          throw new Error("listener broke");
        });
        const good = new Recorder(store, "/p/", start);
        await store.create("/p/a", bytes("1"));
        await good.take(1);
        await bad.ended();
        expect(bad.end?.message).toContain("/p/");
        await store.create("/p/b", bytes("2"));
        await good.take(2);
      });

      it("ends with the reason when the store closes", async () => {
        const store = await empty();
        const watch = new Recorder(store, "/p/", await store.currentRevision());
        await watch.caughtUp();
        await store.close();
        expect(watch.end).toMatchObject({ definition: storeClosed });
        await expect(store.get("/a")).rejects.toMatchObject({ definition: storeClosed });
      });
    });

    describe("compaction", () => {
      it("refuses reads and watches from before it and keeps everything that stands", async () => {
        const store = await empty();
        const old = written(await store.create("/p/a", bytes("1")));
        const next = written(await store.update("/p/a", bytes("2"), old.modRevision));
        await store.create("/p/b", bytes("b"));
        await store.delete("/p/b");
        const at = await store.currentRevision();
        const last = written(await store.update("/p/a", bytes("3"), next.modRevision));
        await store.compact(at);
        expect(await store.compactedRevision()).toBe(at);
        await expect(store.get("/p/a", { revision: old.modRevision })).rejects.toMatchObject({
          definition: revisionCompacted,
        });
        const early = new Recorder(store, "/p/", at - 1);
        await early.ended();
        expect(early.end).toMatchObject({ definition: revisionCompacted });
        expect(await store.list("/p/", { revision: at })).toEqual({
          revision: at,
          items: [next],
          remaining: 0,
        });
        expect((await store.list("/p/")).items).toEqual([last]);
        const [event] = await new Recorder(store, "/p/", at).take(1);
        expect(event).toMatchObject({ type: "put", item: last, previous: next });
      });

      it("does nothing for an earlier revision and refuses a later one", async () => {
        const store = await empty();
        const { modRevision } = written(await store.create("/a", bytes("1")));
        await store.compact(modRevision);
        await store.compact(modRevision - 1);
        expect(await store.compactedRevision()).toBe(modRevision);
        await expect(store.compact(modRevision + 1)).rejects.toMatchObject({ definition: revisionFuture });
      });

      it("leaves a watch that is already live alone", async () => {
        const store = await empty();
        const watch = new Recorder(store, "/p/", await store.currentRevision());
        await watch.caughtUp();
        const { modRevision } = written(await store.create("/p/a", bytes("1")));
        await store.compact(modRevision);
        await store.create("/p/b", bytes("2"));
        expect((await watch.take(2)).map((event) => event.key)).toEqual(["/p/a", "/p/b"]);
      });

      it("takes history of many thousand writes away", async () => {
        const store = await empty();
        for (let round = 0; round < 3; round++) {
          await Promise.all(
            Array.from({ length: 3000 }, (_, i) => store.create(`/r${round}/${i}`, bytes("x"))),
          );
        }
        await Promise.all(Array.from({ length: 3000 }, (_, i) => store.delete(`/r1/${i}`)));
        const at = await store.currentRevision();
        await store.compact(at);
        expect([await store.count("/r0/"), await store.count("/r1/"), await store.count("")]).toEqual([
          3000, 0, 6000,
        ]);
        expect((await store.list("/r1/", { revision: at })).items).toEqual([]);
      });
    });

    describe("lifetimes", () => {
      it("deletes a key when its lifetime is over, as an event like any other", async () => {
        const { store, clock } = await begin();
        const watch = new Recorder(store, "/e/", await store.currentRevision());
        await watch.caughtUp();
        const item = written(await store.create("/e/a", bytes("1"), { ttlSeconds: 5 }));
        await store.create("/e/b", bytes("2"));
        await pass(4, clock, store);
        expect(await store.count("/e/")).toBe(2);
        await pass(3, clock, store);
        const events = await watch.take(3);
        expect(events[2]).toMatchObject({ type: "delete", key: "/e/a", previous: item });
        expect(await store.count("/e/")).toBe(1);
      });

      it("ends or renews a lifetime with an update", async () => {
        const { store, clock } = await begin();
        const a = written(await store.create("/e/a", bytes("1"), { ttlSeconds: 5 }));
        const b = written(await store.create("/e/b", bytes("1"), { ttlSeconds: 5 }));
        const c = written(await store.create("/e/c", bytes("1"), { ttlSeconds: 5 }));
        await store.update("/e/a", bytes("2"), a.modRevision);
        await store.update("/e/b", bytes("2"), b.modRevision, { ttlSeconds: 60 });
        const watch = new Recorder(store, "/e/", await store.currentRevision());
        await watch.caughtUp();
        await pass(10, clock, store);
        expect((await watch.take(1))[0]).toMatchObject({ type: "delete", key: "/e/c", previous: c });
        expect((await store.list("/e/")).items.map(({ key }) => key)).toEqual(["/e/a", "/e/b"]);
        expect(b.key).toBe("/e/b");
      });
    });

    describe("identity", () => {
      it("has an id of its own", async () => {
        const [one, two] = [await empty(), await empty()];
        expect(one.info.id).not.toBe("");
        expect(one.info.id).not.toBe(two.info.id);
        expect(one.info.revisionOffset).toBe(0);
      });

      it("goes on above the revisions of the store it was moved from, and calls those compacted", async () => {
        const { store } = await begin({ revisionOffset: 5000 });
        expect(store.info.revisionOffset).toBe(5000);
        expect(await store.currentRevision()).toBeGreaterThan(5000);
        const item = written(await store.create("/a", bytes("1")));
        expect(item.modRevision).toBeGreaterThan(5001);
        await expect(store.get("/a", { revision: 5000 })).rejects.toMatchObject({
          definition: revisionCompacted,
        });
        const watch = new Recorder(store, "/", 5000);
        await watch.ended();
        expect(watch.end).toMatchObject({ definition: revisionCompacted });
      });
    });
  });
}

/** Lets seconds go by; the question after each one makes sure that the store has done what fell due in it. */
async function pass(seconds: number, clock: FakeClock, store: Store): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1000);
    await store.currentRevision();
    await store.currentRevision();
  }
}

const bytes = (value: string): Buffer => Buffer.from(value);
const text = (item: StoredItem): string => item.value.toString();

function written(result: WriteResult): StoredItem {
  if (!result.written) throw new Error("the write was refused");
  return result.item;
}

/** Listens to a watch and waits for what it shall bring. */
class Recorder {
  readonly events: StoreEvent[] = [];
  readonly progress: number[] = [];
  end: Error | undefined;
  readonly dispose: () => void | Promise<void>;
  #wake: (() => void)[] = [];

  constructor(store: Store, prefix: string, after: number, onEvents: () => void = () => {}) {
    const watch = store.watch(prefix, after, {
      events: (events) => {
        onEvents();
        this.events.push(...events);
        this.#changed();
      },
      progress: (revision) => {
        this.progress.push(revision);
        this.#changed();
      },
      ended: (error) => {
        this.end = error;
        this.#changed();
      },
    });
    this.dispose = () => watch.dispose();
  }

  async take(count: number): Promise<StoreEvent[]> {
    await this.#until(() => this.events.length >= count);
    if (this.events.length > count) throw new Error(`${this.events.length} events came, not ${count}`);
    return this.events;
  }

  caughtUp(): Promise<void> {
    return this.#until(() => this.progress.length > 0);
  }

  ended(): Promise<void> {
    return this.#until(() => this.end !== undefined);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
