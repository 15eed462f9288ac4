import { afterEach, describe, expect, it } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import { HealthLoop } from "./health-loop.ts";

const numbers = { intervalMs: 1, deadlineMs: 10, misses: 3, ownDelayMs: 50 };

let loop: HealthLoop | undefined;
afterEach(() => loop?.dispose());

/** Checks that are never answered, `work` during each; resolves with their number when one is called dead. */
function untilDead(work: (check: number) => void, progress = () => 0): Promise<number> {
  let checks = 0;
  return new Promise((resolve) => {
    loop = new HealthLoop({
      clock: systemClock,
      logger: silentLogger,
      numbers,
      async probe(deadlineMs) {
        const check = ++checks;
        setTimeout(() => work(check), 1);
        await systemClock.sleep(deadlineMs);
        throw new Error("no answer");
      },
      progress,
      onOutcome: () => {},
      onDead: () => resolve(checks),
    });
  });
}

function beBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe("health checks", () => {
  it("that the host itself slept through do not count, those after it do", async () => {
    // The deadline has passed in the very turn in which the host wakes.
    expect(await untilDead((check) => check <= 5 && beBusy(120))).toBeGreaterThanOrEqual(5 + numbers.misses);
  });

  it("do not count while a call makes progress", async () => {
    let calls = 0;
    const checks = await untilDead(
      (check) => check <= 5 && calls++,
      () => calls,
    );
    expect(checks).toBe(5 + numbers.misses);
  });
});
