import { expect, it } from "vitest";
import type { StoreEvent } from "../store.ts";
import { RecentEvents } from "./recent-events.ts";

function event(revision: number, key = `/a/${revision}`): StoreEvent {
  const item = { key, value: Buffer.alloc(0), createRevision: revision, modRevision: revision };
  return { type: "put", revision, key, item, previous: undefined };
}

const revisions = (recent: RecentEvents, after: number, limit = 100_000): number[] =>
  recent.page("/a/", after, limit).events.map(({ revision }) => revision);

it("gives what came after a revision, in pages that tear no revision apart", () => {
  const recent = new RecentEvents(10);
  recent.add([event(11), event(12, "/a/x"), event(12, "/a/y"), event(12, "/b/z"), event(13)], 15);
  expect(revisions(recent, 10)).toEqual([11, 12, 12, 13]);
  expect(revisions(recent, 12)).toEqual([13]);
  const first = recent.page("/a/", 10, 2);
  expect(first.events.map(({ revision }) => revision)).toEqual([11, 12, 12]);
  expect([first.upTo, first.more]).toEqual([12, true]);
  expect(revisions(recent, 10, 1)).toEqual([11]);
  expect(recent.page("/a/", first.upTo, 2)).toMatchObject({ upTo: 15, more: false });
  // Of a revision that is yet to come nothing is told that is older.
  expect(recent.page("/a/", 20, 2)).toMatchObject({ events: [], upTo: 20 });
});

it("forgets the oldest, says from where on it knows all, and forgets nothing that somebody reads towards", () => {
  const recent = new RecentEvents(0);
  const many = (from: number): void =>
    recent.add(
      Array.from({ length: 9000 }, (_, i) => event(from + i)),
      from + 8999,
    );
  const unpin = recent.pin();
  many(1);
  expect([recent.start, revisions(recent, 0).length]).toEqual([0, 9000]);
  unpin();
  many(9001);
  expect(recent.start).toBeGreaterThan(9000);
  expect(revisions(recent, recent.start)[0]).toBe(recent.start + 1);
  expect(revisions(recent, recent.start)).toHaveLength(recent.reached - recent.start);
});
