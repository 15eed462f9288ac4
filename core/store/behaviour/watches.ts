import { describe, expect, it } from "vitest";

import { storeClosed } from "../errors.ts";
import { type WriteResult } from "../store.ts";
import { type Begin, bytes, written } from "./backend-under-test.ts";
import { Recorder } from "./recorder.ts";

export function describeWatches(begin: Begin): void {
  describe("watches", () => {
    it("tells creation, change and deletion with what was there before", async () => {
      const store = (await begin()).store;
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
      const store = (await begin()).store;
      const watch = new Recorder(store, "/p/", await store.currentRevision());
      await watch.caughtUp();
      for (let i = 1; i <= 50; i++) {
        await store.create(`/p/${i}`, bytes("1"));
        expect(watch.events).toHaveLength(i);
      }
    });

    it("begins with history and goes on live, with nothing twice and nothing left out", async () => {
      const store = (await begin()).store;
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
      const store = (await begin()).store;
      const one = written(await store.create("/p/a", bytes("1")));
      await store.create("/p/b", bytes("2"));
      const watch = new Recorder(store, "/p/", one.modRevision);
      expect((await watch.take(1)).map((event) => event.key)).toEqual(["/p/b"]);
    });

    it("waits for a revision that is yet to come", async () => {
      const store = (await begin()).store;
      const watch = new Recorder(store, "/p/", (await store.currentRevision()) + 1);
      await store.create("/p/a", bytes("skipped"));
      await store.create("/p/b", bytes("told"));
      expect((await watch.take(1)).map((event) => event.key)).toEqual(["/p/b"]);
    });

    it("is silent after disposal", async () => {
      const store = (await begin()).store;
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
      const store = (await begin()).store;
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

    it("is told of a write that was under way when the store was closed, and so is the writer", async () => {
      const store = (await begin()).store;
      const watch = new Recorder(store, "/p/", await store.currentRevision());
      await watch.caughtUp();
      const write = store.create("/p/a", bytes("1"));
      const closed = store.close();
      const { modRevision } = written(await write);
      await closed;
      expect(watch.events.map(({ revision }) => revision)).toEqual([modRevision]);
    });

    it("ends with the reason when the store closes", async () => {
      const store = (await begin()).store;
      const watch = new Recorder(store, "/p/", await store.currentRevision());
      await watch.caughtUp();
      await store.close();
      expect(watch.end).toMatchObject({ definition: storeClosed });
      await expect(store.get("/a")).rejects.toMatchObject({ definition: storeClosed });
    });
  });
}
