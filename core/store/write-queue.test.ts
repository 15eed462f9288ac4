import { setImmediate as endOfTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { EngineOutcome, EngineWrite } from "./engine.ts";
import { WriteQueue } from "./write-queue.ts";

const write: EngineWrite = { kind: "delete", key: "/core/pods/default/web" };
const done: EngineOutcome = { applied: false, current: undefined };

/** A queue that notes the size of each commit. */
function noted(): { queue: WriteQueue; groups: number[] } {
  const groups: number[] = [];
  const commit = (writes: readonly EngineWrite[]): Promise<EngineOutcome[]> => {
    groups.push(writes.length);
    return Promise.resolve(writes.map(() => done));
  };
  return { queue: new WriteQueue(commit, () => {}), groups };
}

describe("a write queue", () => {
  it("makes one commit of what is written in one turn of the event loop, however many promises that takes", async () => {
    const { queue, groups } = noted();
    const slowly = async (): Promise<EngineOutcome> => {
      for (let step = 0; step < 10; step++) await Promise.resolve();
      return await queue.add(write);
    };
    await Promise.all([queue.add(write), slowly(), slowly()]);
    expect(groups).toEqual([3]);
  });

  it("lets what comes during a commit gather for the next one", async () => {
    const groups: number[] = [];
    const more: Promise<EngineOutcome>[] = [];
    const queue: WriteQueue = new WriteQueue(
      async (writes) => {
        groups.push(writes.length);
        if (groups.length === 1) {
          more.push(queue.add(write), queue.add(write));
          await endOfTurn();
          more.push(queue.add(write));
        }
        return writes.map(() => done);
      },
      () => {},
    );
    await queue.add(write);
    await Promise.all(more);
    expect(groups).toEqual([1, 3]);
  });

  it("tells everybody whose commit failed, and goes on with the next one", async () => {
    let failures = 1;
    const queue = new WriteQueue(
      async (writes) => {
        if (failures-- > 0) throw new Error("the disk is full");
        return writes.map(() => done);
      },
      () => {},
    );
    const group = [queue.add(write), queue.add(write), queue.add(write)];
    for (const one of await Promise.allSettled(group)) expect(one.status).toBe("rejected");
    expect(await queue.add(write)).toBe(done);
  });
});
