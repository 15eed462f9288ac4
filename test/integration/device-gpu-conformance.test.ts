import { expect, it } from "vitest";
import { checkConformance, deviceSuite, sessionSuite } from "@berth/conformance";
import { plugin } from "@berth/plugin-device-gpu";
import { startForTest } from "@berth/sdk/testing/index.ts";

const config = { backend: "simulated" };

it("device-gpu keeps the promises of a device plugin", async () => {
  await using started = await startForTest(plugin, { config });
  expect((await checkConformance(deviceSuite, started.endpoint)).problems).toEqual([]);
});

it("device-gpu keeps the promises of a managed plugin", async () => {
  const command = `node ${import.meta.dirname}/../../plugins/device-gpu/main.ts`;
  const options = { command, config: JSON.stringify(config) };
  expect((await checkConformance(sessionSuite, "", { options })).problems).toEqual([]);
});
