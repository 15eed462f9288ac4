import { describe, expect, it } from "vitest";
import { Lanes } from "./lanes.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const stage = (text: string) => ({ verb: "Stage", identity: bytes(text) });

/** A task that ends when told, and counts its runs. */
function slow() {
  const done = Promise.withResolvers<string>();
  const seen: { runs: number; signal: AbortSignal | undefined } = { runs: 0, signal: undefined };
  const task = (signal: AbortSignal): Promise<string> => {
    seen.runs++;
    seen.signal = signal;
    return done.promise;
  };
  return { task, done, seen };
}

describe("in one lane", () => {
  it("the same request joins and shares the answer", async () => {
    const lanes = new Lanes();
    const { task, done, seen } = slow();
    const answers = [
      lanes.run("v", stage("a"), undefined, task),
      lanes.run("v", stage("a"), undefined, task),
    ];
    done.resolve("staged");
    expect(await Promise.all(answers)).toEqual(["staged", "staged"]);
    expect(seen.runs).toBe(1);
  });

  it("a different request waits, also behind one that failed", async () => {
    const lanes = new Lanes();
    const first = slow();
    const order: string[] = [];
    const a = lanes.run("v", stage("a"), undefined, first.task).catch(() => order.push("a failed"));
    const b = lanes.run("v", stage("b"), undefined, async () => order.push("b ran"));
    first.done.reject(new Error("no"));
    await Promise.all([a, b]);
    expect(order).toEqual(["a failed", "b ran"]);
  });

  it("a request does not join its twin when a different one stands between", async () => {
    const lanes = new Lanes();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const first = slow();
    const all = [
      lanes.run("v", stage("a"), undefined, first.task),
      lanes.run("v", { verb: "Unstage", identity: bytes("a") }, undefined, note("unstage")),
      lanes.run("v", stage("a"), undefined, note("stage again")),
    ];
    first.done.resolve("staged");
    await Promise.all(all);
    expect(order).toEqual(["unstage", "stage again"]);
  });

  it("nobody joins who has no identity", async () => {
    const lanes = new Lanes();
    let runs = 0;
    const once = async () => ++runs;
    const anonymous = { verb: "Stage", identity: undefined };
    await Promise.all([1, 2].map(() => lanes.run("v", anonymous, undefined, once)));
    expect(runs).toBe(2);
  });
});

describe("a caller that gives up", () => {
  it("leaves the others waiting, and the task is told only when all have gone", async () => {
    const lanes = new Lanes();
    const { task, done, seen } = slow();
    const [first, second] = [new AbortController(), new AbortController()];
    const a = lanes.run("v", stage("a"), first.signal, task);
    const b = lanes.run("v", stage("a"), second.signal, task);
    first.abort(new Error("a went"));
    await expect(a).rejects.toThrow("a went");
    expect(seen.signal?.aborted).toBe(false);
    second.abort(new Error("b went"));
    await expect(b).rejects.toThrow("b went");
    expect(seen.signal?.aborted).toBe(true);
    done.resolve("late");
  });

  it("keeps the lane taken until its task has really ended", async () => {
    const lanes = new Lanes();
    const { task, done } = slow();
    const caller = new AbortController();
    const a = lanes.run("v", stage("a"), caller.signal, task);
    const order: string[] = [];
    const b = lanes.run("v", stage("b"), undefined, async () => void order.push("b"));
    caller.abort(new Error("gone"));
    await expect(a).rejects.toThrow("gone");
    expect(order).toEqual([]);
    done.resolve("at last");
    await b;
    expect(order).toEqual(["b"]);
  });

  it("while it waits never starts its task", async () => {
    const lanes = new Lanes();
    const first = slow();
    const second = slow();
    const caller = new AbortController();
    const a = lanes.run("v", stage("a"), undefined, first.task);
    const b = lanes.run("v", stage("b"), caller.signal, second.task);
    caller.abort(new Error("gone"));
    await expect(b).rejects.toThrow("gone");
    first.done.resolve("");
    await a;
    await expect(lanes.run("v", stage("c"), undefined, async () => "c")).resolves.toBe("c");
    expect(second.seen.runs).toBe(0);
  });
});

it("other lanes are unaffected by one that hangs, and an empty lane is forgotten", async () => {
  const lanes = new Lanes();
  const hung = slow();
  const a = lanes.run("v", stage("a"), undefined, hung.task);
  expect(await lanes.run("w", stage("a"), undefined, async () => "w")).toBe("w");
  expect(lanes.size).toBe(1);
  hung.done.resolve("");
  await a;
  await Promise.resolve();
  expect(lanes.size).toBe(0);
});
