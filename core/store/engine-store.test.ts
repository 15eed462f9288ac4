import { FakeClock } from "@berth/base";
import { expect, it } from "vitest";
import type { RemoteEngine } from "./engine.ts";
import { EngineStore } from "./engine-store.ts";
import { MemoryEngine } from "./memory-engine.ts";
import { inThisThread } from "./memory-store.ts";

const key = "/core/events/d/e";

/** An engine in this thread, with some of its answers changed. */
function engineWith(change: (engine: MemoryEngine) => Partial<RemoteEngine>): RemoteEngine {
  const engine = new MemoryEngine();
  return { ...inThisThread(engine), ...change(engine) };
}

it("what is renewed just as its time is found to be over lives on", async () => {
  const clock = new FakeClock();
  const value = Buffer.from("renewed");
  const store = new EngineStore(
    engineWith((engine) => ({
      expired: async (now, limit) => {
        const over = engine.expired(now, limit);
        for (const { modRevision: expected } of over)
          engine.apply([{ kind: "update", key, value, expected, expiresAt: now + 60_000 }]);
        return over;
      },
    })),
    clock,
  );
  await store.create(key, Buffer.from("first"), { ttlSeconds: 1 });
  await clock.advance(2_000);
  // Whatever was to be deleted stood in front of this one.
  await store.create(`${key}2`, value);
  expect((await store.get(key)).item?.value.toString()).toBe("renewed");
  await store.close();
});

it("a write that was taken is done before the store is closed", async () => {
  const applied: string[] = [];
  const held = Promise.withResolvers<void>();
  const store = new EngineStore(
    engineWith((engine) => ({
      apply: async (writes) => {
        await held.promise;
        applied.push("write");
        return engine.apply(writes);
      },
      close: async () => void applied.push("close"),
    })),
    new FakeClock(),
  );
  const write = store.create(key, Buffer.from("x"));
  const closed = store.close();
  held.resolve();
  expect((await write).written).toBe(true);
  await closed;
  expect(applied).toEqual(["write", "close"]);
});

it("what has lived its time ends even after the disk has failed for a while", async () => {
  const clock = new FakeClock();
  let failures = 2;
  const store = new EngineStore(
    engineWith((engine) => ({
      expired: async (now, limit) => {
        if (failures-- > 0) throw new Error("the disk failed");
        return engine.expired(now, limit);
      },
    })),
    clock,
  );
  await store.create(key, Buffer.from("x"), { ttlSeconds: 1 });
  for (let second = 0; second < 6; second++) await clock.advance(1_000);
  // Whatever was to be deleted stood in front of this one.
  await store.create(`${key}2`, Buffer.from("x"));
  expect((await store.get(key)).item).toBeUndefined();
  await store.close();
});
