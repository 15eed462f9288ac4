import { join } from "node:path";
import { silentLogger, systemClock } from "@berth/base";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plugin, PluginInstance, Pod } from "../../core/api/index.ts";
import {
  type ApiClient,
  clientOf,
  createEventRecorder,
  resources,
  waitFor,
} from "../../core/client/index.ts";
import { NodeAgent } from "../../core/nodeagent/node-agent.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { builtProgram } from "../support/built-core.ts";
import { FakeRuntime } from "../support/fake-runtime/fake-runtime.ts";
import { HandHost, startTestNode, type TestNode } from "../support/kubelet-node.ts";
import { standIns, TestNode as HostNode, type TestHost } from "../support/pluginhost/test-host.ts";

/** A node with a real kubelet, agent and plugin host; its pods lie in a runtime in memory. */
interface WholeNode {
  readonly name: string;
  readonly runtime: FakeRuntime;
  dispose(): Promise<void>;
}

const image = "docker.io/library/hello:1";
const scope = { namespace: "default" };
let api: TestApiServer;
let admin: ApiClient;
let nodes: WholeNode[];

beforeAll(async () => {
  api = await startTestApiServer();
  admin = await api.client("in-process");
  nodes = [await startNode("one"), await startNode("two")];
  await clientOf(admin, resources.plugins).create(plugin("net", "cni", "cni-notes", {}));
  for (const { name } of nodes) await untilState("net", name, "ready");
});

afterAll(async () => {
  for (const node of nodes) await node.dispose();
  await api.dispose();
});

async function startNode(name: string): Promise<WholeNode> {
  const runtime = new FakeRuntime(systemClock, { images: [image] });
  const hand = new HandHost();
  hand.handlers.push(runtime);
  const kubelet: TestNode = await startTestNode(hand, { name, api });
  const restart = { baseMs: 1, capMs: 2, goodMs: 1e6, budget: 3, windowMs: 1e6 };
  const folders = new HostNode({ nodeName: name, numbers: { restart } });
  const host: TestHost = folders.start();
  const client = await api.client("in-process", `system:node:${name}`, ["system:nodes"]);
  const shared = { clock: systemClock, logger: silentLogger };
  const events = createEventRecorder({ client, component: "berth-node", host: name, ...shared });
  const agent = new NodeAgent({ nodeName: name, api: client, host, events, ...shared });
  await agent.start();
  return {
    name,
    runtime,
    async dispose() {
      await agent.dispose();
      await events.dispose();
      await kubelet.dispose();
      await host.end("teardown");
      folders.remove();
    },
  };
}

function plugin(
  name: string,
  contract: "cni" | "cri",
  folder: string,
  labels: Record<string, string>,
): Plugin {
  const source = { path: join(standIns, folder) };
  const spec = { contract, source, dev: true, grants: ["events"], nodeSelector: labels };
  return { apiVersion: "berth.dev/v1alpha1", kind: "Plugin", metadata: { name }, spec };
}

/** A node of which only the objects are there, with a pod that has a volume of the driver. */
async function makeNodeWithVolume(nodeName: string, driver: string): Promise<void> {
  const named = (name: string) => ({ name, namespace: "default" });
  const storage = { accessModes: ["ReadWriteOnce" as const], volumeMode: "Filesystem" as const };
  const resource = { capacity: { storage: "1Gi" }, csi: { driver, volumeHandle: "v" } };
  await clientOf(admin, resources.nodes).create({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: nodeName },
    spec: {},
  });
  await clientOf(admin, resources.volumes).create({
    ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "disk" } },
    spec: { ...storage, ...resource, claimRef: { kind: "PersistentVolumeClaim", ...named("data") } },
  });
  await clientOf(admin, resources.claims).create(
    {
      ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: named("data") },
      spec: { ...storage, volumeName: "disk", resources: { requests: { storage: "1Gi" } } },
    },
    scope,
  );
  const pods = clientOf(admin, resources.pods);
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  const spec = {
    nodeName,
    automountServiceAccountToken: false,
    containers: [{ name: "app", image }],
    volumes,
  };
  await pods.create({ apiVersion: "v1", kind: "Pod", metadata: named("keeper"), spec }, scope);
  await pods.patch("keeper", "merge", { status: { phase: "Running" } }, { ...scope, subresource: "status" });
}

async function untilState(name: string, node: string, state: string): Promise<void> {
  const isThere = (one: PluginInstance | undefined): boolean => one?.status?.state === state;
  const signal = AbortSignal.timeout(60_000);
  await waitFor(clientOf(admin, resources.pluginInstances), `${name}.${node}`, isThere, { signal });
}

async function startPod(name: string, nodeName: string): Promise<void> {
  const pods = clientOf(admin, resources.pods);
  const containers = [{ name: "app", image }];
  const spec = {
    nodeName,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers,
  };
  await pods.create({ apiVersion: "v1", kind: "Pod", metadata: { name, ...scope }, spec }, scope);
  const runs = (pod: Pod | undefined): boolean => pod?.status?.phase === "Running";
  await waitFor(pods, name, runs, { ...scope, signal: AbortSignal.timeout(60_000) });
}

async function berth(...args: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  const env = { ...process.env, KUBECONFIG: api.kubeconfig };
  const run = await execa(process.execPath, [builtProgram(), ...args], {
    env,
    reject: false,
    timeout: 90_000,
  });
  return { code: run.exitCode, out: run.stdout, err: run.stderr };
}

const nodeOf = (name: string) => clientOf(admin, resources.nodes).get(name);

test("several nodes stop taking pods before anything is evicted, and each is drained in order beside the others", async () => {
  await startPod("first", "one");
  await startPod("second", "two");
  const refused = await berth("node", "drain", "one", "two");
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/default\/first: no controller .*\n.*default\/second: no controller/);
  expect((await clientOf(admin, resources.pods).list(scope)).items).toHaveLength(2);
  expect((await berth("node", "drain", "one", "absent", "--force")).err).toContain("there is no node absent");

  const { code, out, err } = await berth("node", "drain", "one", "two", "--force");
  expect({ code, out }).toEqual({
    code: 0,
    out: ["one", "two"].map((name) => `node ${name}: drained, 1 pods gone, 1 plugins stopped`).join("\n"),
  });
  const lines = err.split("\n");
  const at = (words: string): number => lines.findIndex((line) => line.includes(words));
  for (const name of ["one", "two"]) expect(at(`node ${name}: takes no new pods`)).toBeGreaterThanOrEqual(0);
  expect(Math.max(at("node one: takes no"), at("node two: takes no"))).toBeLessThan(at("evicted"));
  expect(at("node one: pod default/first: gone")).toBeLessThan(at("node one: plugin net: stopped"));
  expect(at("node two: pod default/second: gone")).toBeGreaterThan(0);

  const back = await berth("node", "undrain", "one");
  expect(back).toMatchObject({ code: 0, out: "node one: back in service" });
  expect((await nodeOf("two")).spec?.unschedulable).toBe(true);
  expect(await berth("node", "undrain", "two")).toMatchObject({ code: 0 });
}, 240_000);

test("a pod whose runtime is quarantined is told apart at once, with the cause and the next step; the others go", async () => {
  const [one] = nodes;
  await startPod("deaf", "one");
  await startPod("well", "two");
  await clientOf(admin, resources.plugins).create(
    plugin("raw-cri", "cri", "raw-cri", { "kubernetes.io/hostname": "one" }),
  );
  await untilState("raw-cri", "one", "quarantined");
  one!.runtime.ready = false;

  const stuck =
    /its runtime raw-cri is quarantined \(exit code 3.*; it ended \d+ times .*then berth plugin restart raw-cri\)/;
  expect((await berth("node", "drain", "one", "--force", "--dry-run")).err).toMatch(stuck);
  const { code, out, err } = await berth("node", "drain", "one", "two", "--force");
  expect(code).toBe(2);
  expect(out).toMatch(
    /^node one: not drained, 1 pods cannot end\n {2}pod default\/deaf: its runtime raw-cri/,
  );
  expect(out).toMatch(stuck);
  expect(out).toContain("node two: drained, 1 pods gone");
  expect(err).toContain("node one: pod default/deaf: evicted, cannot end: its runtime raw-cri");
  const again = await berth("node", "drain", "one", "--force", "-o", "json");
  expect(again.code).toBe(2);
  expect(JSON.parse(again.out)).toMatchObject({ pods: [{ name: "default/deaf", state: "stuck" }] });

  one!.runtime.ready = true;
  await clientOf(admin, resources.plugins).delete("raw-cri");
  expect(await berth("node", "drain", "one", "--force")).toMatchObject({
    code: 0,
    out: expect.stringContaining("node one: drained") as string,
  });
}, 240_000);

test("a pod on a volume whose CSI driver is quarantined is told apart at once, with the cause and the next step", async () => {
  await makeNodeWithVolume("ghost", "disks");
  const instances = clientOf(admin, resources.pluginInstances);
  const name = "disks.ghost";
  await instances.create({
    ...{ apiVersion: "berth.dev/v1alpha1", kind: "PluginInstance" },
    metadata: { name, labels: { "berth.dev/node": "ghost" } },
    spec: { plugin: "disks", nodeName: "ghost", contract: "csi" },
  });
  const reason = "exit code 3; then berth plugin restart disks";
  const status = { state: "quarantined", reason };
  await instances.patch(name, "merge", { status }, { subresource: "status" });

  const stuck = `the driver of its volumes disks is quarantined (${reason})`;
  expect((await berth("node", "drain", "ghost", "--force", "--dry-run")).err).toContain(stuck);
  const { code, out } = await berth("node", "drain", "ghost", "--force");
  expect(code).toBe(2);
  expect(out).toContain(`pod default/keeper: ${stuck}`);
}, 120_000);
