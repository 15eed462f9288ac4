import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PluginInstance, Pod } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources, waitFor } from "../../core/client/index.ts";
import { type BuiltCore, startBuiltCore, untilReady } from "../support/built-core.ts";

const root = join(import.meta.dirname, "../..");
const ceiling = () => AbortSignal.timeout(120_000);
let core: BuiltCore;
let client: ApiClient;

beforeAll(async () => {
  core = await startBuiltCore({ name: "sets", bridge: "bbsets0", subnet: "10.123.9.0/24", set: "minimal" });
  client = await core.client();
  await untilReady(client, 2, ceiling());
  await berth("image", "import", join(root, "dist/hello.tar"), "--node", core.nodeName);
}, 180_000);

afterAll(() => core[Symbol.asyncDispose](), 120_000);

async function berth(...args: string[]): Promise<{ code: number | undefined; out: string; err: string }> {
  const program = join(root, "dist/cli/berth.js");
  const run = await execa(process.execPath, [program, ...args], {
    env: { KUBECONFIG: core.kubeconfig },
    reject: false,
  });
  return { code: run.exitCode, out: run.stdout, err: run.stderr };
}

const apply = (set: string) => berth("set", "apply", set, "--plugins", join(core.folder, "plugins"));
const pods = () => clientOf(client, resources.pods);
const scope = { namespace: "default" };

async function startPod(name: string, claim?: string): Promise<Pod> {
  const wait = "trap 'exit 0' TERM; dmesg 2>/dev/null | head -n 1; while :; do sleep 1 & wait $!; done";
  await pods().create(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default" },
      spec: {
        terminationGracePeriodSeconds: 2,
        containers: [
          {
            name: "main",
            image: "berth.dev/hello:1",
            command: ["sh", "-c", wait],
            ...(claim && { volumeMounts: [{ name: "data", mountPath: "/data" }] }),
          },
        ],
        ...(claim && { volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }] }),
      },
    },
    scope,
  );
  return podReady(name);
}

async function podReady(name: string): Promise<Pod> {
  const isReady = (pod: Pod | undefined): boolean =>
    pod?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  return (await waitFor(pods(), name, isReady, { ...scope, signal: ceiling() }))!;
}

async function podGone(name: string): Promise<void> {
  await pods().delete(name, scope);
  await waitFor(pods(), name, (pod) => pod === undefined, { ...scope, signal: ceiling() });
}

/** What must not change of a pod that is left alone. */
const trace = ({ status }: Pod) =>
  status?.containerStatuses?.map(({ containerID, restartCount }) => `${containerID} ${restartCount}`);

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
      await startPod(name);
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
  const first = await startPod("first");
  const making = creator();
  expect(await apply("standard")).toMatchObject({
    code: 0,
    out: `set standard: revision 2 is in force on ${core.nodeName}`,
  });
  expect(await apply("sandboxed")).toMatchObject({ code: 0 });
  const made = await making.stop();
  const later = await startPod("later");
  const log = await execa("kubectl", ["logs", "later"], { env: { KUBECONFIG: core.kubeconfig } });
  expect(log.stdout).toContain("gVisor");
  expect(trace(await podReady("first"))).toEqual(trace(first));
  for (const name of made) {
    const pod = await podReady(name);
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  }
  await instance("device-gpu", (one) => one === undefined);
  await Promise.all([...made, "later"].map(podGone));
  expect(trace(await podReady("first"))).toEqual(trace(first));
  expect(later.spec?.runtimeClassName).toBeUndefined();
}, 240_000);

test("the history lists what was applied, and a rollback brings it back", async () => {
  const listed = await berth("set", "history");
  expect(listed.out.split("\n").map((line) => line.trim().split(/ {2,}/)[2])).toEqual([
    "SET",
    "minimal",
    "standard",
    "sandboxed",
  ]);
  const before = await podReady("first");
  expect(await berth("set", "rollback")).toMatchObject({
    code: 0,
    out: `set standard: revision 4 is in force on ${core.nodeName}`,
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
  expect(trace(await podReady("first"))).toEqual(trace(before));
}, 120_000);

test("a driver that its set loses serves the volumes it made until the last of them is deleted", async () => {
  const classes = clientOf(client, resources.storageClasses);
  const claims = clientOf(client, resources.claims);
  await classes.create({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "hostpath" },
    provisioner: "hostpath.csi.berth.dev",
  });
  // It names no class: the set in force does.
  await claims.create(
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data", namespace: "default" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "16Mi" } } },
    },
    scope,
  );
  await startPod("writer", "data");
  expect(await apply("minimal")).toMatchObject({ code: 0 });
  const draining = await instance(
    "csi-hostpath",
    (one) => one?.status?.reason?.includes("1 volume") ?? false,
  );
  expect(draining?.status).toMatchObject({
    state: "draining",
    capabilities: ["csi:hostpath.csi.berth.dev"],
  });
  await podGone("writer");
  await startPod("reader", "data");
  await podGone("reader");
  await claims.delete("data", scope);
  await instance("csi-hostpath", (one) => one === undefined);
}, 240_000);
