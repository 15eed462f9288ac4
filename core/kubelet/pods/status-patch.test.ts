import { expect, test } from "vitest";
import type { Pod, PodStatus } from "../../api/index.ts";
import { statusPatch } from "./status-patch.ts";

const ready = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
const podWith = (status: PodStatus): Pod => ({
  metadata: { name: "p", uid: "u", resourceVersion: "7" },
  spec: { containers: [] },
  status,
});

test("nothing is written that the server holds already, with times that nobody told as null", () => {
  const shown = { ...ready, lastProbeTime: null } as unknown as typeof ready;
  expect(
    statusPatch(podWith({ phase: "Running", conditions: [shown] }), {
      phase: "Running",
      conditions: [ready],
    }),
  ).toBeUndefined();
});

test("what changed is sent, what the node no longer says is taken back, and both are bound to what was read", () => {
  const held = podWith({ phase: "Pending", reason: "Waiting", conditions: [ready] });
  expect(statusPatch(held, { phase: "Running", conditions: [ready] })).toEqual({
    metadata: { uid: "u", resourceVersion: "7" },
    status: { phase: "Running", reason: null },
  });
});
