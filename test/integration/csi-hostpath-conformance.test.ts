import { expect, it } from "vitest";
import { checkConformance, csiSuite, sessionSuite } from "@berth/conformance";
import { plugin } from "@berth/plugin-csi-hostpath";
import { startForTest } from "@berth/sdk/testing/index.ts";

it("csi-hostpath keeps the promises of CSI", async () => {
  await using started = await startForTest(plugin);
  expect((await checkConformance(csiSuite, started.endpoint)).problems).toEqual([]);
});

it("csi-hostpath keeps the promises of a managed plugin", async () => {
  const options = { command: `node ${import.meta.dirname}/../../plugins/csi-hostpath/main.ts` };
  expect((await checkConformance(sessionSuite, "", { options })).problems).toEqual([]);
});
