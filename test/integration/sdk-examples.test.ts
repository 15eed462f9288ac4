import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkConformance, deviceSuite, sessionSuite } from "@berth/conformance";
import { services } from "@berth/sdk";
import { startForTest } from "@berth/sdk/testing/index.ts";
import { plugin as faulty } from "../../examples/plugins/faulty/plugin.ts";
import { plugin as streaming } from "../../examples/plugins/streaming/plugin.ts";
import { plugin as versions } from "../../examples/plugins/versions/plugin.ts";
import type { HostReport } from "../../core/pluginhost/contracts/plugin-host.ts";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";
import { noPython } from "../support/python-stand-in.ts";

const examples = join(import.meta.dirname, "../../examples/plugins");

it.each(["hello", "streaming", "bidirectional", "versions", "faulty"])(
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

describe("under a host", () => {
  let node: TestNode;
  let host: TestHost;
  beforeEach(() => {
    node = new TestNode();
    host = node.start();
  });
  afterEach(async () => {
    await host.end("teardown");
    node.remove();
  });
  const ask = async (plugin: string, verb: string, request: object = {}) =>
    (await host.tools.call(plugin, { verb, message: request }, AbortSignal.timeout(60_000))).response;

  it("the bidirectional example has its event and its report at the host before it answers", async () => {
    const reports: HostReport[] = [];
    host.onDidReport((report) => reports.push(report));
    const folder = join(examples, "bidirectional");
    host.setDesired({ plugins: [wanted("talks", folder, { grants: ["events", "telemetry"] })] });
    await seen(host, "talks", isReady);
    const askAndCount = async () => {
      await ask("talks", "Version");
      const last = reports.findLast(({ reason }) => reason === "VersionAsked");
      const { telemetry } = host.instances().find(({ name }) => name === "talks")!;
      expect(last).toMatchObject({
        plugin: "talks",
        type: "Normal",
        message: `asked for the version ${String(telemetry["asked"])} times`,
      });
      return Number(telemetry["asked"]);
    };
    const before = await askAndCount();
    expect(await askAndCount()).toBe(before + 1);
  });

  it("the versions example is ahead of this host, which takes what both know", async () => {
    await using ahead = await startForTest(versions);
    expect(await ahead.client(services.network).version({})).toMatchObject({ cni_version: "2.0.0" });
    host.setDesired({ plugins: [wanted("both", join(examples, "versions"), { grants: [] })] });
    const view = await seen(host, "both", isReady);
    expect(view.contractVersions).toMatchObject({ cni: "v1" });
    expect(view.facts["contract.cni"]).toBe("v1");
    expect(await ask("both", "Version")).toMatchObject({ cni_version: "1.1.0" });
  });

  it.skipIf(noPython)(
    `the example in Python serves without our SDK and keeps the promises of a device plugin (${noPython ?? "grpcio is there"})`,
    async () => {
      host.setDesired({
        plugins: [wanted("lamps", join(examples, "python"), { contract: "device", grants: [] })],
      });
      const { incarnation } = await seen(host, "lamps", isReady);
      const socket = join(node.options.paths.run, "p/lamps", `${incarnation}.sock`);
      expect((await checkConformance(deviceSuite, `unix://${socket}`)).problems).toEqual([]);
      const request = { container_requests: [{ devices_ids: ["desk"] }] };
      expect(await ask("lamps", "Allocate", request)).toMatchObject({
        container_responses: [{ envs: { LAMPS: "desk" } }],
      });
    },
  );
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
