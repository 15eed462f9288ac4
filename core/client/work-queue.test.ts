import { describe, expect, it } from "vitest";

import { FakeClock } from "@berth/base";

import { createWorkQueue } from "./work-queue.ts";

interface Run {
  readonly key: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function begin(parallel = 1) {
  const clock = new FakeClock();
  const runs: Run[] = [];
  const errors: string[] = [];
  const queue = createWorkQueue<string>({
    name: "test",
    clock,
    parallel,
    work: (key) => new Promise((resolve, reject) => runs.push({ key, resolve, reject })),
    onError: (key, error) => errors.push(`${key}: ${(error as Error).message}`),
  });
  return { clock, runs, errors, queue, keys: () => runs.map(({ key }) => key) };
}

describe("a work queue", () => {
  it("works on a key once, however often it was added while it waited", async () => {
    const { clock, queue, runs, keys } = begin();
    for (const key of ["a", "b", "b", "b"]) queue.add(key);
    await clock.advance(0);
    expect(keys()).toEqual(["a"]);
    runs[0]!.resolve();
    await clock.advance(0);
    runs[1]!.resolve();
    await clock.advance(0);
    expect(keys()).toEqual(["a", "b"]);
  });

  it("never works on a key twice at once, and comes back to one added in between", async () => {
    const { clock, queue, runs, keys } = begin(4);
    queue.add("a");
    await clock.advance(0);
    queue.add("a");
    queue.add("b");
    await clock.advance(0);
    expect(keys()).toEqual(["a", "b"]);
    runs[0]!.resolve();
    await clock.advance(0);
    expect(keys()).toEqual(["a", "b", "a"]);
  });

  it("brings a failed key back after a growing time, and forgets that after a success", async () => {
    const { clock, queue, runs, keys, errors } = begin();
    queue.add("a");
    await clock.advance(0);
    runs[0]!.reject(new Error("one"));
    await clock.advance(49);
    expect(keys()).toHaveLength(1);
    await clock.advance(1);
    runs[1]!.reject(new Error("two"));
    await clock.advance(99);
    expect(keys()).toHaveLength(2);
    await clock.advance(1);
    runs[2]!.resolve();
    await clock.advance(0);
    expect(errors).toEqual(["a: one", "a: two"]);
    queue.add("a");
    await clock.advance(0);
    runs[3]!.reject(new Error("three"));
    await clock.advance(50);
    expect(keys()).toHaveLength(5);
  });

  it("adds a key later, at the earliest of the times asked for", async () => {
    const { clock, queue, keys } = begin();
    queue.addAfter("a", 1000);
    queue.addAfter("a", 100);
    queue.addAfter("a", 5000);
    await clock.advance(99);
    expect(keys()).toEqual([]);
    await clock.advance(1);
    expect(keys()).toEqual(["a"]);
    expect(clock.pendingCount).toBe(0);
  });

  it("lets work under way end and starts none after it was disposed", async () => {
    const { clock, queue, runs, keys } = begin();
    queue.add("a");
    queue.add("b");
    queue.addAfter("c", 10);
    await clock.advance(0);
    const disposed = queue.dispose();
    queue.add("d");
    runs[0]!.resolve();
    await disposed;
    await clock.advance(1000);
    expect(keys()).toEqual(["a"]);
    expect(clock.pendingCount).toBe(0);
  });
});
