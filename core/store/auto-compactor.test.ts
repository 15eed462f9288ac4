import { expect, it } from "vitest";

import { FakeClock, silentLogger } from "@berth/base";

import { startAutoCompactor } from "./auto-compactor.ts";
import { openMemoryStore } from "./memory-store.ts";

it("keeps the history of one to two intervals", async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const compactor = startAutoCompactor(store, { clock, logger: silentLogger, intervalMs: 60_000 });
  await store.create("/a", Buffer.from("1"));
  const early = await store.currentRevision();
  await clock.advance(60_000);
  expect(await store.compactedRevision()).toBe(0);
  await store.create("/b", Buffer.from("2"));
  await clock.advance(60_000);
  expect(await store.compactedRevision()).toBe(early);
  await compactor.dispose();
  await clock.advance(600_000);
  expect(await store.compactedRevision()).toBe(early);
  await store.close();
});
