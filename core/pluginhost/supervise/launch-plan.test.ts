import { describe, expect, it } from "vitest";
import type { Manifest } from "../manifest/manifest.ts";
import { type LaunchPlan, planChange } from "./launch-plan.ts";

const plan: LaunchPlan = {
  manifest: { id: "x", version: "1.0.0", sdk: true } as Manifest,
  folder: "/p/x",
  digest: undefined,
  unverified: true,
  config: { a: 1 },
  limits: {},
  user: { uid: undefined, why: "a test" },
  daemons: {},
};

describe("change of a plan", () => {
  it("is none for a plan that has been to disk and back", () => {
    expect(planChange(JSON.parse(JSON.stringify(plan)) as LaunchPlan, plan)).toBe("none");
  });

  it("is none when only the place of a daemon became known", () => {
    expect(planChange(plan, { ...plan, daemons: { containerd: "/run/c.sock" } })).toBe("none");
  });

  it("is a new configuration for a program that can take one, else a new process", () => {
    expect(planChange(plan, { ...plan, config: { a: 2 } })).toBe("configure");
    const raw = { ...plan, manifest: { ...plan.manifest, sdk: false } };
    expect(planChange(raw, { ...raw, config: { a: 2 } })).toBe("replace");
  });

  it("is a new process where a restart is asked for, once, and none when nothing asks any more", () => {
    const asked = { ...plan, restartedAt: "2026-01-01T00:00:00Z" };
    expect(planChange(plan, asked)).toBe("replace");
    expect(planChange(asked, asked)).toBe("none");
    expect(planChange(asked, plan)).toBe("none");
  });

  it("is a new process for another package or other limits", () => {
    expect(planChange(plan, { ...plan, digest: "sha256:1" })).toBe("replace");
    expect(planChange(plan, { ...plan, limits: { pids: 5 } })).toBe("replace");
  });
});
