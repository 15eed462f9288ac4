import { describe, expect, it } from "vitest";
import { FakeClock } from "@berth/base";
import { TaintTimes } from "./taint-times.ts";

const taint = {
  key: "node.kubernetes.io/not-ready",
  effect: "NoExecute",
  timeAdded: "2026-01-01T00:00:00Z",
} as const;

describe("since when a node has a taint", () => {
  it("is when it was seen first, whatever the taint says of itself and however wrong the clock is", async () => {
    const clock = new FakeClock();
    const times = new TaintTimes(clock);
    const first = clock.monotonic();
    times.note("a", [taint]);
    await clock.advance(1000);
    times.note("a", [taint]);
    expect(times.since("a", taint)).toBe(first);
  });

  it("begins anew when it went and came again", async () => {
    const clock = new FakeClock();
    const times = new TaintTimes(clock);
    times.note("a", [taint]);
    await clock.advance(1000);
    times.note("a", []);
    times.note("a", [taint]);
    expect(times.since("a", taint)).toBe(clock.monotonic());
  });
});
