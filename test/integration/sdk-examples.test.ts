import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkConformance, deviceSuite, sessionSuite } from "@berth/conformance";
import { services } from "@berth/sdk";
import { startForTest } from "@berth/sdk/testing/index.ts";
import { plugin as faulty } from "../../examples/plugins/faulty/plugin.ts";
import { plugin as streaming } from "../../examples/plugins/streaming/plugin.ts";

const examples = join(import.meta.dirname, "../../examples/plugins");

it.each(["hello", "streaming", "faulty"])(
  "the example %s keeps every promise of a managed plugin",
  async (name) => {
    const options = { command: `node ${examples}/${name}/main.ts` };
    expect((await checkConformance(sessionSuite, "", { options })).problems).toEqual([]);
  },
);

it("the streaming example sends each file that comes, and keeps the promises of a device plugin", async () => {
  const state = await mkdtemp(join(tmpdir(), "berth-ex-"));
  try {
    await using started = await startForTest(streaming, { stateDirectory: state });
    const seen: string[][] = [];
    for await (const { devices } of started.client(services.device).listAndWatch({})) {
      seen.push(devices.map(({ ID }) => ID));
      if (devices.length === 2) break;
      await writeFile(join(state, "devices", devices.length === 0 ? "one" : "two"), "");
    }
    expect(seen[0]).toEqual([]);
    expect(seen.at(-1)?.toSorted()).toEqual(["one", "two"]);
    expect((await checkConformance(deviceSuite, started.endpoint)).problems).toEqual([]);
  } finally {
    await rm(state, { recursive: true, force: true });
  }
});

it("the faulty example hangs, is unready, or refuses, as asked", async () => {
  await using hanging = await startForTest(faulty, { config: { fault: "hang" } });
  const call = hanging.client(services.network).status({}, { deadlineMs: 100 });
  await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await using unready = await startForTest(faulty, { config: { fault: "unready" } });
  expect(await unready.client(services.plugin).probe({})).toEqual({
    ready: false,
    reason: "its backend is away",
  });
  await expect(startForTest(faulty, { config: { fault: "refuse" } })).rejects.toThrow(
    "this machine lacks a part",
  );
});
