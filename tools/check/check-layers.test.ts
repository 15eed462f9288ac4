import { expect, test } from "vitest";
import { checkLayers } from "./check-layers.ts";
import { checkSize, maximumLines } from "./check-size.ts";

test("a room may not reach into a room that its rule does not name", () => {
  expect(checkLayers("core/scheduler/queue.ts", 'import { x } from "../kubelet/worker.ts";')).toEqual([
    expect.stringContaining("core/scheduler/queue.ts:1"),
  ]);
  expect(checkLayers("core/scheduler/queue.ts", 'import { x } from "../client/contracts.ts";')).toEqual([]);
});

test("the kubelet sees the plugin host's contracts and nothing behind them", () => {
  expect(
    checkLayers("core/kubelet/pod/a.ts", 'import type { P } from "../../pluginhost/contracts/index.ts";'),
  ).toEqual([]);
  expect(
    checkLayers("core/kubelet/pod/a.ts", 'import type { P } from "../../pluginhost/launch/launch.ts";'),
  ).toHaveLength(1);
});

test("proto is allowed to the kubelet as types only", () => {
  expect(
    checkLayers("core/kubelet/a.ts", 'import type { P } from "@berth/proto/generated/cri/x.ts";'),
  ).toEqual([]);
  expect(checkLayers("core/kubelet/a.ts", 'import { loadContract } from "@berth/proto";')).toHaveLength(1);
});

test("a workspace package name is no way round the rule", () => {
  expect(checkLayers("lib/linux/a.ts", 'export { x } from "@berth/core/store/store.ts";')).toHaveLength(1);
  expect(
    checkLayers("plugins/csi-hostpath/a.ts", 'const x = await import("@berth/plugin-cni-bridge/b.ts");'),
  ).toHaveLength(1);
});

test("the container is known to modules and main alone", () => {
  expect(checkLayers("core/store/sqlite.ts", 'import { Container } from "inversify";')).toHaveLength(1);
  expect(checkLayers("core/store/store-module.ts", 'import { ContainerModule } from "inversify";')).toEqual(
    [],
  );
});

test("pure rooms import nothing of Node", () => {
  expect(checkLayers("core/api/patch.ts", 'import { readFileSync } from "node:fs";')).toHaveLength(1);
  expect(checkLayers("lib/base/clock.ts", 'import { x } from "node:timers";')).toHaveLength(1);
  expect(checkLayers("lib/linux/mounts.ts", 'import { readFileSync } from "node:fs";')).toEqual([]);
});

test("a file that outgrew its name is named with its size", () => {
  expect(checkSize("core/a.ts", "x\n".repeat(maximumLines))).toEqual([]);
  expect(checkSize("core/a.ts", "x\n".repeat(maximumLines + 1))[0]).toContain(`${maximumLines + 1} lines`);
});
