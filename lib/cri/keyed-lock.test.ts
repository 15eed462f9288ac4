import { expect, test } from "vitest";
import { KeyedLock } from "./keyed-lock.ts";

test("one key goes in order, another does not wait, and nothing is remembered after", async () => {
  const lock = new KeyedLock();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lock.run("a", async () => {
    await gate.promise;
    order.push("first");
    throw new Error("first fails");
  });
  const second = lock.run("a", async () => void order.push("second"));
  await lock.run("b", async () => void order.push("other"));
  gate.resolve();
  await expect(first).rejects.toThrow("first fails");
  await second;
  expect(order).toEqual(["other", "first", "second"]);
  expect(lock.busyKeys).toBe(0);
});
