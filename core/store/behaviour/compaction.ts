import { describe, expect, it } from "vitest";

import { revisionCompacted, revisionFuture } from "../errors.ts";
import { type Begin, bytes, written } from "./backend-under-test.ts";
import { Recorder } from "./recorder.ts";

export function describeCompaction(begin: Begin): void {
  describe("compaction", () => {
    it("refuses reads and watches from before it and keeps everything that stands", async () => {
      const store = (await begin()).store;
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
      const store = (await begin()).store;
      const { modRevision } = written(await store.create("/a", bytes("1")));
      await store.compact(modRevision);
      await store.compact(modRevision - 1);
      expect(await store.compactedRevision()).toBe(modRevision);
      await expect(store.compact(modRevision + 1)).rejects.toMatchObject({ definition: revisionFuture });
    });

    it("leaves a watch that is already live alone", async () => {
      const store = (await begin()).store;
      const watch = new Recorder(store, "/p/", await store.currentRevision());
      await watch.caughtUp();
      const { modRevision } = written(await store.create("/p/a", bytes("1")));
      await store.compact(modRevision);
      await store.create("/p/b", bytes("2"));
      expect((await watch.take(2)).map((event) => event.key)).toEqual(["/p/a", "/p/b"]);
    });

    // More than the embedded store takes away in one step.
    it("takes history of many thousand writes away", async () => {
      const store = (await begin()).store;
      for (let round = 0; round < 3; round++) {
        await Promise.all(
          Array.from({ length: 1200 }, (_, i) => store.create(`/r${round}/${i}`, bytes("x"))),
        );
      }
      await Promise.all(Array.from({ length: 1200 }, (_, i) => store.delete(`/r1/${i}`)));
      const at = await store.currentRevision();
      await store.compact(at);
      expect([await store.count("/r0/"), await store.count("/r1/"), await store.count("")]).toEqual([
        1200, 0, 2400,
      ]);
      expect((await store.list("/r1/", { revision: at })).items).toEqual([]);
    });
  });
}
