import { describe, expect, it } from "vitest";
import { CacheEvent } from "./cache-event.ts";
import { CachedObject } from "./cached-object.ts";
import { EventRing } from "./event-ring.ts";

function event(revision: number): CacheEvent {
  const object = new CachedObject(
    `/core/pods/a/${revision}`,
    "a",
    String(revision),
    revision,
    Buffer.from("{}"),
  );
  return new CacheEvent(object, undefined, false);
}

function ringOf(limit: number, count: number): EventRing {
  const ring = new EventRing(limit, 10);
  for (let revision = 11; revision < 11 + count; revision++) ring.push(event(revision));
  return ring;
}

function revisionsAfter(ring: EventRing, revision: number): number[] | undefined {
  const from = ring.after(revision);
  if (from === undefined) return undefined;
  const seen: number[] = [];
  for (let number = from; number < ring.next; number++) seen.push(ring.at(number)!.revision);
  return seen;
}

describe("EventRing", () => {
  it("gives every event after a revision, in order", () => {
    expect(revisionsAfter(ringOf(128, 5), 12)).toEqual([13, 14, 15]);
    expect(revisionsAfter(ringOf(128, 5), 15)).toEqual([]);
  });

  it("keeps what it has while it grows to its limit", () => {
    expect(revisionsAfter(ringOf(256, 200), 10)).toHaveLength(200);
  });

  it("knows nothing of a revision whose followers it dropped, rather than leaving some out", () => {
    const ring = ringOf(64, 70);
    expect(ring.lostRevision).toBe(16);
    expect(revisionsAfter(ring, 15)).toBeUndefined();
    expect(revisionsAfter(ring, 16)).toHaveLength(64);
  });

  it("knows nothing from before its beginning", () => {
    expect(revisionsAfter(new EventRing(64, 10), 9)).toBeUndefined();
    expect(revisionsAfter(new EventRing(64, 10), 10)).toEqual([]);
  });
});
