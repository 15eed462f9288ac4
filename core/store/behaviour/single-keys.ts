import { describe, expect, it } from "vitest";

import { storeKeyInvalid, storeValueTooLarge } from "../errors.ts";
import { maxValueBytes } from "../store.ts";
import { type Begin, bytes, text, written } from "./backend-under-test.ts";

export function describeSingleKeys(begin: Begin): void {
  describe("single keys", () => {
    it("gives an absent key as undefined, at revision 1 or more", async () => {
      const result = await (await begin()).store.get("/a");
      expect(result.item).toBeUndefined();
      expect(result.revision).toBeGreaterThanOrEqual(1);
    });

    it("gives back what was created, with its revision in both places", async () => {
      const store = (await begin()).store;
      const item = written(await store.create("/a", bytes("one")));
      expect(item.createRevision).toBe(item.modRevision);
      expect(await store.get("/a")).toEqual({ revision: item.modRevision, item });
      expect(text(item)).toBe("one");
    });

    it("refuses to create a key twice and shows what stands there", async () => {
      const store = (await begin()).store;
      const item = written(await store.create("/a", bytes("one")));
      const revision = await store.currentRevision();
      expect(await store.create("/a", bytes("two"))).toEqual({ written: false, current: item });
      expect(await store.currentRevision()).toBe(revision);
    });

    it("updates at the expected revision only", async () => {
      const store = (await begin()).store;
      const first = written(await store.create("/a", bytes("one")));
      const second = written(await store.update("/a", bytes("two"), first.modRevision));
      expect(second.modRevision).toBeGreaterThan(first.modRevision);
      expect(second.createRevision).toBe(first.createRevision);
      const late = await store.update("/a", bytes("three"), first.modRevision);
      expect(late).toEqual({ written: false, current: second });
    });

    it("does not update an absent key", async () => {
      expect(await (await begin()).store.update("/a", bytes("x"), 1)).toEqual({
        written: false,
        current: undefined,
      });
    });

    it("deletes with and without an expected revision, and gives back what it deleted", async () => {
      const store = (await begin()).store;
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
      const store = (await begin()).store;
      const first = written(await store.create("/a", bytes("1")));
      await store.delete("/a");
      const again = written(await store.create("/a", bytes("2")));
      expect(again.createRevision).toBeGreaterThan(first.createRevision);
    });

    it("gives every write its own revision, however many are under way at once", async () => {
      const store = (await begin()).store;
      const results = await Promise.all(
        Array.from({ length: 700 }, (_, i) => store.create(`/k/${i}`, bytes(`${i}`))),
      );
      const revisions = results.map((result) => written(result).modRevision);
      expect(new Set(revisions).size).toBe(700);
      expect(Math.max(...revisions) - Math.min(...revisions)).toBe(699);
    });

    it("lets exactly one of many creators of a key win", async () => {
      const store = (await begin()).store;
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.create("/a", bytes(`${i}`))),
      );
      expect(results.filter((result) => result.written)).toHaveLength(1);
    });

    it("keeps bytes as they are, and apart from the writer's buffer", async () => {
      const store = (await begin()).store;
      const value = Buffer.from([0, 255, 128, 10, 0]);
      const promise = store.create("/a", value);
      value.fill(7);
      await promise;
      expect([...(await store.get("/a")).item!.value]).toEqual([0, 255, 128, 10, 0]);
    });

    it("keeps an empty value apart from none", async () => {
      const store = (await begin()).store;
      await store.create("/a", new Uint8Array());
      expect((await store.get("/a")).item?.value.byteLength).toBe(0);
    });

    it("refuses values over the limit, and keys that are empty, too long or have control characters", async () => {
      const store = (await begin()).store;
      await expect(store.create("/a", Buffer.alloc(maxValueBytes + 1))).rejects.toMatchObject({
        definition: storeValueTooLarge,
      });
      for (const key of ["", "/a\u0000b", `/${"x".repeat(3000)}`, "/\ud800"]) {
        await expect(store.create(key, bytes("x"))).rejects.toMatchObject({ definition: storeKeyInvalid });
      }
      expect(await store.count("")).toBe(0);
    });
  });
}
