import { expect, test } from "vitest";
import { FakeClock } from "@berth/base";
import type { ProcessHandle } from "./process-handle.ts";
import { PollingProcessWatcher } from "./process-watcher.ts";

function setUp() {
  const clock = new FakeClock();
  const dead = new Set<unknown>();
  let rounds = 0;
  const watcher = new PollingProcessWatcher(clock, {
    intervalMs: 50,
    ended: (handles) => {
      rounds++;
      return handles.filter((handle) => dead.has(handle));
    },
  });
  const handle = {} as ProcessHandle;
  return { clock, dead, watcher, handle, rounds: () => rounds };
}

test("everybody who waits for a process hears of its end within one interval", async () => {
  const { clock, dead, watcher, handle } = setUp();
  const ends: string[] = [];
  const first = watcher.waitForEnd(handle).then(() => ends.push("first"));
  const second = watcher.waitForEnd(handle).then(() => ends.push("second"));
  await clock.advance(200);
  expect(ends).toEqual([]);
  dead.add(handle);
  await clock.advance(50);
  await Promise.all([first, second]);
  expect(ends).toEqual(["first", "second"]);
});

test("a process that has ended already is not waited for", async () => {
  const { dead, watcher, handle, clock } = setUp();
  dead.add(handle);
  await watcher.waitForEnd(handle);
  expect(clock.pendingCount).toBe(0);
});

test("nothing ticks while nobody waits", async () => {
  const { clock, watcher, handle, rounds } = setUp();
  const abort = new AbortController();
  const wait = watcher.waitForEnd(handle, abort.signal);
  abort.abort(new Error("enough"));
  await expect(wait).rejects.toThrow("enough");
  await clock.advance(50);
  const before = rounds();
  await clock.advance(1000);
  expect(rounds()).toBe(before);
  expect(clock.pendingCount).toBe(0);
});
