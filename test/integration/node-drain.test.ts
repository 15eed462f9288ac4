import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PluginInstance } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources } from "../../core/client/index.ts";
import { countByCategory, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { type BuiltCore, startBuiltCore, untilReady } from "../support/built-core.ts";
import { NodePods } from "../support/node-pods.ts";

const root = join(import.meta.dirname, "../..");
const bridge = "bbdrain0";
const ceiling = () => AbortSignal.timeout(120_000);
const scope = { namespace: "default" };
let core: BuiltCore;
let client: ApiClient;
let pods: NodePods;
let plugins: PluginInstance[];
let before: ReturnType<typeof left>;

beforeAll(async () => {
  core = await startBuiltCore({ name: "drain", bridge, subnet: "10.123.21.0/24" });
  client = await core.client();
  plugins = await untilReady(client, 5, ceiling());
  await berth("image", "import", join(root, "dist/hello.tar"), "--node", core.nodeName);
  before = left();
  pods = new NodePods(client);
  await pods.makeClass();
});

afterAll(() => core[Symbol.asyncDispose]());

const environment = () => ({ ...process.env, KUBECONFIG: core.kubeconfig });
const program = join(root, "dist/cli/berth.js");

async function berth(...args: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  const run = await execa(process.execPath, [program, ...args], { env: environment(), reject: false });
  return { code: run.exitCode, out: run.stdout, err: run.stderr };
}

const drain = (...more: string[]) => berth("node", "drain", core.nodeName, ...more);
const allowAll = ["--force", "--delete-emptydir-data", "--grace-period", "1"];
const node = () => clientOf(client, resources.nodes).get(core.nodeName);

/** Of this node alone: others use the machine too. */
function left() {
  const ours = takeSnapshot().items.filter(mentioning(core.folder, bridge, `berth/${core.nodeName}`));
  const { mounts, links, shims, "network namespaces": namespaces } = countByCategory(ours);
  return { mounts, links, shims, namespaces };
}

const isRunning = (pid: number | undefined) => existsSync(`/proc/${pid}`);
const instances = async () => (await clientOf(client, resources.pluginInstances).list()).items;

test("a dry run says what would go and changes nothing; pods that nobody decided about are refused by name", async () => {
  await pods.makeClaim("volume", "hostpath");
  await pods.start("volume", { data: { claim: "volume" } });
  await pods.start("scratch", { data: "emptyDir" });
  expect(left().mounts).toBeGreaterThan(before.mounts);
  expect(left().shims).toBe(before.shims + 2);
  const dry = await drain("--dry-run", ...allowAll);
  expect(dry).toMatchObject({ code: 0, out: `node drain: would be drained, 2 pods to go` });
  expect(dry.err).toContain("pod default/scratch: to be evicted: no controller starts it elsewhere");
  expect((await node()).spec?.unschedulable).toBeUndefined();
  const refused = await drain("--force");
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(
    "default/scratch: the data of its emptyDir data would be lost; --delete-emptydir-data",
  );
  expect(refused.err).toContain("BERTH_NODE_DRAIN_REFUSED");
  expect((await node()).spec?.unschedulable).toBe(true);
  expect(await berth("node", "drain", "absent")).toMatchObject({
    code: 1,
    err: expect.stringContaining("there is no node absent") as string,
  });
  expect(await berth("node", "undrain", core.nodeName)).toMatchObject({ code: 0 });
  expect((await node()).spec?.unschedulable).toBeUndefined();
});

test("a disruption budget holds it with its reason; interrupted, a second run ends what the first began", async () => {
  const budgets = client.resource({
    group: "policy",
    version: "v1",
    resource: "poddisruptionbudgets",
    namespaced: true,
  });
  await budgets.create(
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "guard", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "volume" } } },
    } as never,
    scope,
  );
  const waiting = await drain(...allowAll, "--timeout", "4s");
  expect(waiting.code).toBe(3);
  expect(waiting.out).toContain("node drain: not drained after 4 s");
  expect(waiting.out).toMatch(/pod default\/volume: The disruption budget guard needs \d healthy pods/);
  expect((await instances()).map(({ status }) => status?.state)).toEqual(plugins.map(() => "ready"));

  const run = spawn(process.execPath, [program, "node", "drain", core.nodeName, ...allowAll], {
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const told = await untilTold(run, "waits to be evicted");
  run.kill("SIGINT");
  const [code] = (await once(run, "exit")) as [number | null];
  expect(code).toBe(3);
  expect(told).toContain("node drain: takes no new pods");

  await budgets.delete("guard", scope);
  const done = await drain(...allowAll, "-o", "json");
  expect(done.code).toBe(0);
  const report = JSON.parse(done.out) as { outcome: string; pods: object[]; plugins: { state: string }[] };
  expect(report.outcome).toBe("drained");
  expect(report.pods).toContainEqual({ name: "default/volume", state: "gone", reason: "" });
  expect(report.plugins.map(({ state }) => state)).toEqual(plugins.map(() => "stopped"));
});

test("nothing of the pods and no process of a plugin is left, and the node says why it serves nothing", async () => {
  // The bridge is the network's own; it was made with the first pod and goes with the network.
  expect(left()).toEqual({ ...before, links: 1 });
  expect(
    takeSnapshot().items.filter(mentioning("kubernetes.io~csi")).filter(mentioning(core.folder)),
  ).toEqual([]);
  for (const { status } of plugins) expect(isRunning(status?.pid)).toBe(false);
  for (const { status } of await instances()) {
    expect(status).toMatchObject({
      state: "stopped",
      reason: expect.stringContaining("the node is drained") as string,
    });
    expect(status?.lastCause?.message).toContain("the node is drained");
  }
  const { out } = await berth("node", "ls");
  expect(out).toMatch(/^drain +NotReady,Drained +0 +0\/5/m);
});

test("kubectl uncordon alone brings it back too, and a later cordon leaves the plugins alone", async () => {
  const kubectl = (...args: string[]) => execa("kubectl", args, { env: environment() });
  await kubectl("uncordon", core.nodeName);
  const { code, out } = await berth("node", "undrain", core.nodeName);
  expect({ code, out }).toMatchObject({ code: 0, out: "node drain: back in service" });
  await untilReady(client, 5, ceiling());
  await pods.start("again", { data: "emptyDir" });
  const { stdout } = await kubectl("get", "pod", "again", "-o", "jsonpath={.status.podIP}");
  expect(stdout).toMatch(/^10\.123\.21\./);
  const mark = (await node()).metadata?.annotations?.["berth.dev/drained-at"];
  expect(mark).toBeUndefined();
  await kubectl("cordon", core.nodeName);
  const { out: listed } = await berth("node", "ls");
  expect(listed).toMatch(/^drain +Ready,SchedulingDisabled +1 +5\/5/m);
});

test("what stays on purpose keeps its plugins, and the others stop", async () => {
  const done = await drain("--pod-selector", "app=other", "-o", "json");
  expect(done.code).toBe(0);
  const report = JSON.parse(done.out) as { plugins: { name: string; state: string; reason: string }[] };
  const states = Object.fromEntries(report.plugins.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({
    "cri-containerd": "draining",
    "cni-bridge": "draining",
    "csi-hostpath": "stopped",
    "device-gpu": "stopped",
  });
  expect(await pods.pods.get("again", scope)).toMatchObject({ status: { phase: "Running" } });
  expect(await berth("node", "undrain", core.nodeName)).toMatchObject({ code: 0 });
});

/** What it said on stderr up to the line that holds these words. */
async function untilTold(run: ChildProcess, words: string): Promise<string> {
  let told = "";
  for await (const piece of run.stderr!) {
    told += String(piece);
    if (told.includes(words)) return told;
  }
  throw new Error(`it ended without saying "${words}": ${told}${await text(run.stdout!)}`);
}
