import { describe, expect, it } from "vitest";
import { lastCause } from "./last-cause.ts";

const base = { at: "2026-01-01T00:00:00Z", incarnation: 3, pid: 77, oomKills: 0, stderrTail: "" };

describe("last cause", () => {
  it("tells signal, exit code and memory apart", () => {
    expect(lastCause({ ...base, signal: "SIGKILL" }).message).toBe("killed by SIGKILL");
    expect(lastCause({ ...base, exitCode: 3 }).message).toBe("exit code 3");
    const oom = lastCause({ ...base, signal: "SIGKILL", oomKills: 1 });
    expect(oom.oomKilled).toBe(true);
    expect(oom.message).toMatch(/^out of memory/);
  });

  it("does not blame memory for a clean end after some helper was killed for it", () => {
    expect(lastCause({ ...base, exitCode: 0, oomKills: 1 }).oomKilled).toBeUndefined();
  });

  it("says that an adopted process's end is not known", () => {
    expect(lastCause(base).message).toBe("exit code unknown: it ended while not our child");
  });

  it("says that the host ended it, and why", () => {
    const cause = lastCause({ ...base, signal: "SIGKILL", endedByHost: "three health checks unanswered" });
    expect(cause.message).toBe("three health checks unanswered (killed by SIGKILL)");
  });
});
