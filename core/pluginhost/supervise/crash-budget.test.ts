import { describe, expect, it } from "vitest";
import { CrashBudget, defaultRestartNumbers } from "./crash-budget.ts";

const minute = 60_000;

function budget() {
  return new CrashBudget(defaultRestartNumbers, () => 1);
}

describe("crash budget", () => {
  it("waits twice as long after each end, from 250 ms", () => {
    const crashes = budget();
    const delays = [0, 1, 2, 3].map((n) => crashes.ended(n, undefined));
    expect(delays.map((d) => d.again && d.delayMs)).toEqual([250, 500, 1000, 2000]);
  });

  it("is spent by the sixth end within ten minutes", () => {
    const crashes = budget();
    for (let n = 0; n < 5; n++) expect(crashes.ended(n * minute, undefined).again).toBe(true);
    expect(crashes.ended(5 * minute, undefined)).toEqual({ again: false, ends: 6 });
  });

  it("forgets ends that are older than ten minutes", () => {
    const crashes = budget();
    for (let n = 0; n < 20; n++) expect(crashes.ended(n * 3 * minute, undefined).again).toBe(true);
  });

  it("starts over after five good minutes", () => {
    const crashes = budget();
    for (let n = 0; n < 5; n++) crashes.ended(n, undefined);
    expect(crashes.ended(6 * minute, minute)).toEqual({ again: true, delayMs: 250 });
  });

  it("does not take four good minutes for five", () => {
    const crashes = budget();
    crashes.ended(0, undefined);
    expect(crashes.ended(5 * minute, minute + 1)).toEqual({ again: true, delayMs: 500 });
  });
});
