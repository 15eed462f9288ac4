import { describe, expect, it } from "vitest";

import { FakeClock } from "@berth/base";

import { openMemoryStore } from "./memory-store.ts";
import type { Transformer } from "./store.ts";
import { describeStore } from "./store-behaviour.ts";
import { transformingStore } from "./transforming-store.ts";

/** Turns every bit over and binds the value to its key. */
const flipping: Transformer = {
  toStorage: (value, key) => Buffer.concat([Buffer.from(`${key}\0`), value.map((byte) => byte ^ 0xff)]),
  fromStorage: (stored, key) => {
    const head = Buffer.byteLength(key) + 1;
    if (Buffer.from(stored.subarray(0, head - 1)).toString() !== key)
      throw new Error(`not the value of ${key}`);
    return Buffer.from(stored.subarray(head)).map((byte) => byte ^ 0xff);
  },
};

describeStore("a transformed memory", async (options) => {
  const clock = new FakeClock();
  return { store: transformingStore(openMemoryStore({ clock, ...options }), flipping), clock };
});

describe("a transformed store", () => {
  it("keeps the other form at rest", async () => {
    const inner = openMemoryStore();
    await transformingStore(inner, flipping).create("/a", Buffer.from("plain"));
    expect((await inner.get("/a")).item!.value.includes("plain")).toBe(false);
    await inner.close();
  });

  it("refuses a value that was moved to another key", async () => {
    const inner = openMemoryStore();
    const store = transformingStore(inner, flipping);
    await store.create("/a", Buffer.from("plain"));
    await inner.create("/b", (await inner.get("/a")).item!.value);
    await expect(store.get("/b")).rejects.toThrow("not the value of /b");
    await inner.close();
  });
});
