import { describe, expect, it } from "vitest";

import { revisionFuture } from "../errors.ts";
import { type Begin, bytes, text } from "./backend-under-test.ts";

export function describeLists(begin: Begin): void {
  describe("lists", () => {
    it("gives the keys of a prefix in byte order, and no others", async () => {
      const store = (await begin()).store;
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
      const store = (await begin()).store;
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
      const store = (await begin()).store;
      for (let i = 0; i < 6; i++) await store.create(`/p/${i}`, bytes(`old ${i}`));
      await store.create("/p/6", bytes("gone before"));
      await store.delete("/p/6");
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
      expect((await store.get("/p/6", { revision: first.revision })).item).toBeUndefined();
    });

    it("refuses a revision that is yet to come", async () => {
      const store = (await begin()).store;
      const next = (await store.currentRevision()) + 1;
      await expect(store.list("/p/", { revision: next })).rejects.toMatchObject({
        definition: revisionFuture,
      });
      await expect(store.get("/p/a", { revision: next })).rejects.toMatchObject({
        definition: revisionFuture,
      });
    });
  });
}
