import { expect, it } from "vitest";
import type { HistoryPage } from "./engine.ts";
import type { StoreEvent } from "./store.ts";
import { WatchHub } from "./watch-hub.ts";

function event(revision: number): StoreEvent {
  const item = { key: "/a", value: Buffer.alloc(0), createRevision: 1, modRevision: revision };
  return { type: "put", revision, key: "/a", item, previous: undefined };
}

it("withholds what happens while history is still told, progress too, and leaves nothing out afterwards", async () => {
  const pages: PromiseWithResolvers<HistoryPage>[] = [];
  const asked: number[] = [];
  const hub = new WatchHub((_, after) => {
    asked.push(after);
    const page = Promise.withResolvers<HistoryPage>();
    pages.push(page);
    return page.promise;
  });
  const told: string[] = [];
  hub.add("/", 0, {
    events: (events) => told.push(...events.map(({ revision }) => `event ${revision}`)),
    progress: (revision) => told.push(`progress ${revision}`),
    ended: (error) => told.push(error.message),
  });
  const answer = async (page: HistoryPage): Promise<void> => {
    pages.at(-1)!.resolve(page);
    await new Promise((resolve) => setImmediate(resolve));
  };
  await answer({ events: [event(1), event(2)], upTo: 4, more: true });
  hub.deliver([event(9)]);
  hub.progress(9);
  expect(told).toEqual(["event 1", "event 2"]);
  await answer({ events: [event(6), event(9)], upTo: 9, more: false });
  hub.deliver([event(9), event(10)]);
  expect(told).toEqual(["event 1", "event 2", "event 6", "event 9", "progress 9", "event 10"]);
  expect(asked).toEqual([0, 4]);
});
