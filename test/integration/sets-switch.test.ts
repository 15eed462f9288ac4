import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PluginInstance } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources, waitFor } from "../../core/client/index.ts";
import { type BuiltCore, startBuiltCore, untilReady } from "../support/built-core.ts";
import { NodePods, traceOf } from "../support/node-pods.ts";

const root = join(import.meta.dirname, "../..");
const ceiling = () => AbortSignal.timeout(120_000);
let core: BuiltCore;
let client: ApiClient;
let pods: NodePods;

beforeAll(async () => {
  core = await startBuiltCore({ name: "sets", bridge: "bbsets0", subnet: "10.123.9.0/24", set: "minimal" });
  client = await core.client();
  pods = new NodePods(client);
  await untilReady(client, 2, ceiling());
  await berth("image", "import", join(root, "dist/hello.tar"), "--node", core.nodeName);
});

afterAll(() => core[Symbol.asyncDispose]());

async function berth(...args: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  const program = join(root, "dist/cli/berth.js");
  const run = await execa(process.execPath, [program, ...args], {
    env: { KUBECONFIG: core.kubeconfig },
    reject: false,
  });
  return { code: run.exitCode, out: run.stdout, err: run.stderr };
}

const scope = { namespace: "default" };
const apply = (set: string) => berth("set", "apply", set, "--plugins", join(core.folder, "plugins"));

function instance(plugin: string, until: (one: PluginInstance | undefined) => boolean) {
  const name = `${plugin}.${core.nodeName}`;
  return waitFor(clientOf(client, resources.pluginInstances), name, until, { signal: ceiling() });
}

/** Makes a pod after another until it is told to stop; answers what became of them. */
function creator(): { stop(): Promise<string[]> } {
  const ending = new AbortController();
  const made: string[] = [];
  const loop = (async () => {
    for (let number = 0; !ending.signal.aborted; number++) {
      const name = `made-${number}-${Date.now()}`;
      made.push(name);
      await pods.start(name);
      await sleep(100);
    }
  })();
  return {
    async stop() {
      ending.abort();
      await loop;
      return made;
    },
  };
}

test("three sets, one after another: pods run on untouched, and pods made meanwhile come up", async () => {
  const first = await pods.start("first");
  const making = creator();
  expect(await apply("standard")).toMatchObject({
    code: 0,
    out: `set standard: revision 2 is in force on ${core.nodeName}`,
  });
  expect(await apply("sandboxed")).toMatchObject({ code: 0 });
  const made = await making.stop();
  const later = await pods.start("later", { script: "dmesg 2>/dev/null | head -n 1" });
  const log = () => execa("kubectl", ["logs", "later"], { env: { KUBECONFIG: core.kubeconfig } });
  await expect.poll(async () => (await log()).stdout, { timeout: 60_000 }).toContain("gVisor");
  expect(traceOf(await pods.ready("first"))).toEqual(traceOf(first));
  for (const name of made) {
    const pod = await pods.ready(name);
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  }
  await instance("device-gpu", (one) => one === undefined);
  await Promise.all([...made, "later"].map((name) => pods.gone(name)));
  expect(traceOf(await pods.ready("first"))).toEqual(traceOf(first));
  expect(later.spec?.runtimeClassName).toBeUndefined();
});

test("the history lists what was applied, and a rollback brings it back", async () => {
  const listed = await berth("set", "history");
  expect(listed.out.split("\n").map((line) => line.trim().split(/ {2,}/)[2])).toEqual([
    "SET",
    "minimal",
    "standard",
    "sandboxed",
  ]);
  const before = await pods.ready("first");
  expect(await berth("set", "rollback")).toMatchObject({
    code: 0,
    out: `set standard: revision 4 is in force on ${core.nodeName}`,
  });
  const again = await berth("set", "rollback", "--to", "4", "-o", "json");
  expect(again).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(again.out)).toEqual({
    set: "standard",
    revision: 4,
    changed: false,
    outcome: "done",
    nodes: [core.nodeName],
  });
  expect(await berth("set", "rollback", "--to", "9")).toMatchObject({
    code: 1,
    err: expect.stringContaining("the history holds 1, 2, 3, 4") as string,
  });
  const { out } = await berth("set", "ls");
  expect(out).toMatch(/^standard +in force +4 +runc/m);
  expect(await berth("set", "diff", "minimal", "--plugins", join(core.folder, "plugins"))).toMatchObject({
    code: 1,
    out: expect.stringContaining("- plugin csi-hostpath, once nothing of what it made is left") as string,
  });
  expect(traceOf(await pods.ready("first"))).toEqual(traceOf(before));
});

test("a driver that its set loses serves the volumes it made until the last of them is deleted", async () => {
  await pods.makeClass();
  // It names no class: the set in force does.
  await pods.makeClaim("data");
  await pods.start("writer", { data: { claim: "data" } });
  expect(await apply("minimal")).toMatchObject({ code: 0 });
  const draining = await instance(
    "csi-hostpath",
    (one) => one?.status?.reason?.includes("1 volume") ?? false,
  );
  expect(draining?.status).toMatchObject({
    state: "draining",
    capabilities: ["csi:hostpath.csi.berth.dev"],
  });
  await pods.gone("writer");
  await pods.start("reader", { data: { claim: "data" } });
  await pods.gone("reader");
  await pods.claims.delete("data", scope);
  await instance("csi-hostpath", (one) => one === undefined);
});
