import { expect, it } from "vitest";
import { FakeClock } from "@berth/base";
import { retrying } from "./retry.ts";
import { RpcError } from "./rpc-error.ts";

const busy = new RpcError("v", "UNAVAILABLE", "busy", { retryable: true });
const wrong = new RpcError("v", "INVALID_ARGUMENT", "wrong", { retryable: false });

function failing(...errors: Error[]) {
  const calls: number[] = [];
  return {
    calls,
    call: async () => (
      calls.push(calls.length),
      errors[calls.length - 1] ? Promise.reject(errors[calls.length - 1]) : "done"
    ),
  };
}

it("repeats what the contract calls retryable, with growing pauses", async () => {
  const clock = new FakeClock();
  const { call } = failing(busy, busy);
  const pauses: number[] = [];
  const result = retrying(call, { clock, random: () => 1, onRetry: (_error, delay) => pauses.push(delay) });
  await clock.advance(750);
  expect(await result).toBe("done");
  expect(pauses).toEqual([250, 500]);
});

it("never repeats anything else", async () => {
  const { call, calls } = failing(wrong);
  await expect(retrying(call, { clock: new FakeClock() })).rejects.toBe(wrong);
  expect(calls).toHaveLength(1);
});

it("starts no attempt behind the deadline and answers with the last error", async () => {
  const clock = new FakeClock();
  const { call, calls } = failing(busy, busy, busy, busy);
  const result = retrying(call, { clock, random: () => 1, deadline: clock.now() + 700 });
  const outcome = result.catch((error: unknown) => error);
  await clock.advance(1000);
  expect(await outcome).toBe(busy);
  expect(calls).toHaveLength(2);
});
