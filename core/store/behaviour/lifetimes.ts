import { describe, expect, it } from "vitest";

import { revisionCompacted } from "../errors.ts";
import { type Begin, bytes, pass, passUntil, written } from "./backend-under-test.ts";
import { Recorder } from "./recorder.ts";

export function describeLifetimes(begin: Begin): void {
  describe("lifetimes", () => {
    it("deletes a key when its lifetime is over, as an event like any other", async () => {
      const { store, clock } = await begin();
      const watch = new Recorder(store, "/e/", await store.currentRevision());
      await watch.caughtUp();
      const item = written(await store.create("/e/a", bytes("1"), { ttlSeconds: 3 }));
      await store.create("/e/b", bytes("2"));
      expect([...(await store.lifetimes("/e/")).keys()]).toEqual(["/e/a"]);
      await pass(1, clock, store);
      expect((await store.lifetimes("/e/")).get("/e/a")).toBeLessThan(3);
      expect(await store.count("/e/")).toBe(2);
      await passUntil(async () => (await store.count("/e/")) === 1, clock, store);
      const events = await watch.take(3);
      expect(events[2]).toMatchObject({ type: "delete", key: "/e/a", previous: item });
      expect(await store.count("/e/")).toBe(1);
    });

    it("ends or renews a lifetime with an update", async () => {
      const { store, clock } = await begin();
      const a = written(await store.create("/e/a", bytes("1"), { ttlSeconds: 3 }));
      const b = written(await store.create("/e/b", bytes("1"), { ttlSeconds: 3 }));
      const c = written(await store.create("/e/c", bytes("1"), { ttlSeconds: 3 }));
      await store.update("/e/a", bytes("2"), a.modRevision);
      await store.update("/e/b", bytes("2"), b.modRevision, { ttlSeconds: 60 });
      const watch = new Recorder(store, "/e/", await store.currentRevision());
      await watch.caughtUp();
      await passUntil(async () => (await store.get("/e/c")).item === undefined, clock, store);
      // What had the same time to live would be gone by now.
      await pass(1, clock, store);
      expect((await watch.take(1))[0]).toMatchObject({ type: "delete", key: "/e/c", previous: c });
      expect((await store.list("/e/")).items.map(({ key }) => key)).toEqual(["/e/a", "/e/b"]);
      expect(b.key).toBe("/e/b");
    });
  });

  describe("identity", () => {
    it("has an id of its own", async () => {
      const [one, two] = [(await begin()).store, (await begin()).store];
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
      await expect(store.list("/", { revision: 4000 })).rejects.toMatchObject({
        definition: revisionCompacted,
      });
      // What stood there at a revision of the former store stands here no longer.
      for (const revision of [4999, 5000])
        expect(await store.update("/b", bytes("1"), revision)).toEqual({
          written: false,
          current: undefined,
        });
      const watch = new Recorder(store, "/", 5000);
      await watch.ended();
      expect(watch.end).toMatchObject({ definition: revisionCompacted });
    });
  });
}
