import { describe, expect, it } from "vitest";

import { FakeClock } from "@berth/base";

import { podInfo } from "./pod-info.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";
import { aPod } from "./testing.ts";

function begin() {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  const put = (name: string, priority?: number, change: { generation?: number } = {}): void =>
    queue.put(podInfo(aPod(name, priority === undefined ? {} : { priority }, change)));
  const take = (): string | undefined => queue.take()?.pod.metadata.name;
  return { clock, queue, put, take };
}

describe("the scheduling queue", () => {
  it("gives pods by priority, then in the order they came", () => {
    const { put, take } = begin();
    put("a");
    put("b");
    put("c", 1000);
    expect([take(), take(), take(), take()]).toEqual(["c", "a", "b", undefined]);
  });

  it("lets a refused pod wait for a change that may help, and its back-off pass", async () => {
    const { clock, queue, put, take } = begin();
    put("a");
    take();
    queue.refuse("default/a", new Set(["node"]));
    queue.wake("storage");
    await clock.advance(20_000);
    expect(take()).toBeUndefined();
    queue.wake("node");
    expect(take()).toBe("a");
    queue.refuse("default/a", new Set(["node"]));
    queue.wake("node");
    await clock.advance(1999);
    expect(take()).toBeUndefined();
    await clock.advance(1);
    expect(take()).toBe("a");
  });

  it("does not miss a change that came while the pod was being decided on", async () => {
    const { clock, queue, put, take } = begin();
    put("a");
    take();
    queue.wake("node");
    queue.refuse("default/a", new Set(["node"]));
    await clock.advance(1000);
    expect(take()).toBe("a");
  });

  it("makes a postponed pod wait for its change but for no back-off", () => {
    const { queue, put, take } = begin();
    put("a");
    take();
    queue.postpone("default/a", new Set(["storage"]));
    expect(take()).toBeUndefined();
    queue.wake("storage");
    expect(take()).toBe("a");
  });

  it("tries a pod again when it was changed itself, and every five minutes in any case", async () => {
    const { clock, queue, put, take } = begin();
    put("a");
    take();
    queue.refuse("default/a", new Set());
    put("a", undefined, { generation: 2 });
    await clock.advance(1000);
    expect(take()).toBe("a");
    queue.refuse("default/a", new Set());
    await clock.advance(5 * 60_000);
    expect(take()).toBe("a");
  });

  it("forgets a deleted pod and leaves no timer behind", () => {
    const { clock, queue, put, take } = begin();
    put("a");
    put("b");
    queue.delete("default/a");
    expect(take()).toBe("b");
    queue.refuse("default/b", new Set());
    queue.delete("default/b");
    expect([take(), queue.size, clock.pendingCount]).toEqual([undefined, 0, 0]);
  });
});
