import { FakeClock } from "@berth/base";
import { expect, it } from "vitest";
import { SlowClients } from "./slow-clients.ts";

it("gives up whoever takes nothing in time, and nobody who has taken it, in whichever order they came and went", async () => {
  const clock = new FakeClock();
  const clients = new SlowClients(clock);
  const given: number[] = [];
  const taken = Array.from({ length: 8 }, (_, index) => clients.waitsFor(0, () => given.push(index)));
  for (const index of [0, 7, 3]) taken[index]!();
  // Said twice it takes nobody else away.
  taken[0]!();
  expect(clients.count).toBe(5);
  await clock.advance(50_000);
  const late = clients.waitsFor(0, () => given.push(8));
  await clock.advance(20_000);
  expect(new Set(given)).toEqual(new Set([1, 2, 4, 5, 6]));
  expect(clients.count).toBe(1);
  late();
  await clock.advance(120_000);
  expect(given).toHaveLength(5);
  expect(clock.pendingCount).toBe(0);
});

it("gives up nobody who goes with another that is given up", async () => {
  const clock = new FakeClock();
  const clients = new SlowClients(clock);
  const given: string[] = [];
  let second = (): void => {};
  clients.waitsFor(0, () => {
    given.push("first");
    second();
  });
  second = clients.waitsFor(0, () => given.push("second"));
  await clock.advance(120_000);
  expect(given).toEqual(["first"]);
});

it("nothing happens to those who wait when the server ends, or after it", async () => {
  const clock = new FakeClock();
  const clients = new SlowClients(clock);
  const taken = clients.waitsFor(0, () => expect.unreachable());
  clients.dispose();
  taken();
  await clock.advance(120_000);
  expect(clients.count).toBe(0);
});
