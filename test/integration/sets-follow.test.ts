import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pod, PluginInstance } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources, waitFor } from "../../core/client/index.ts";
import { type BuiltCore, startBuiltCore, untilReady } from "../support/built-core.ts";

const root = join(import.meta.dirname, "../..");
const ceiling = () => AbortSignal.timeout(120_000);
const scope = { namespace: "default" };
let core: BuiltCore;
let client: ApiClient;

beforeAll(async () => {
  core = await startBuiltCore({ name: "follow", bridge: "bbfollow0", subnet: "10.123.22.0/24" });
  client = await core.client();
  await untilReady(client, 5, ceiling());
  const program = join(root, "dist/cli/berth.js");
  const image = join(root, "dist/hello.tar");
  await execa(process.execPath, [program, "image", "import", image, "--node", core.nodeName], {
    env: { KUBECONFIG: core.kubeconfig },
  });
  await clientOf(client, resources.storageClasses).create({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "hostpath" },
    provisioner: "hostpath.csi.berth.dev",
  });
}, 180_000);

afterAll(() => core[Symbol.asyncDispose](), 120_000);

const pods = () => clientOf(client, resources.pods);
const claims = () => clientOf(client, resources.claims);

async function startPod(name: string, claim: string, command: string): Promise<Pod> {
  const container = {
    name: "main",
    image: "berth.dev/hello:1",
    command: ["sh", "-c", `trap 'exit 0' TERM; ${command}; while :; do sleep 1 & wait $!; done`],
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
  await pods().create(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default" },
      spec: {
        terminationGracePeriodSeconds: 2,
        containers: [container],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim } }],
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

async function makeClaim(name: string): Promise<void> {
  await claims().create(
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "default" },
      spec: {
        storageClassName: "hostpath",
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "16Mi" } },
      },
    },
    scope,
  );
}

async function podGone(name: string): Promise<void> {
  await pods().delete(name, scope);
  await waitFor(pods(), name, (pod) => pod === undefined, { ...scope, signal: ceiling() });
}

/** Of the pod's only container: it must not change for a pod that is left alone. */
const trace = ({ status }: Pod) =>
  status?.containerStatuses?.map(({ containerID, restartCount }) => `${containerID} ${restartCount}`);

function instance(plugin: string, until: (one: PluginInstance | undefined) => boolean) {
  const name = `${plugin}.${core.nodeName}`;
  return waitFor(clientOf(client, resources.pluginInstances), name, until, { signal: ceiling() });
}

/** Another Plugin of the same package: same handlers, same driver, same resource. */
async function follow(name: string, next: string): Promise<void> {
  const plugins = clientOf(client, resources.plugins);
  const { spec } = await plugins.get(name);
  await plugins.create({ apiVersion: "berth.dev/v1alpha1", kind: "Plugin", metadata: { name: next }, spec });
}

test("plugins of the same handler, driver and resource follow each other: pods run on, volumes stay with who made them", async () => {
  await makeClaim("first");
  const first = await startPod("first", "first", "echo kept > /data/note");
  for (const name of ["cri-containerd", "csi-hostpath", "device-gpu"]) await follow(name, `${name}-next`);
  const sets = clientOf(client, resources.pluginSets);
  const [set] = (await sets.list()).items;
  const plugins = set!.spec.plugins.map((name) =>
    /^(cri-containerd|csi|device)/.test(name) ? `${name}-next` : name,
  );
  await sets.create({
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginSet",
    metadata: { name: "next" },
    spec: { ...set!.spec, revision: (set!.spec.revision ?? 0) + 1, plugins },
  });
  await waitFor(
    sets,
    "next",
    (one) => {
      const [here] = one?.status?.onNodes ?? [];
      if (here?.state === "Failed") throw new Error(here.message);
      return here?.state === "InForce";
    },
    { signal: ceiling() },
  );

  await makeClaim("second");
  await startPod("second", "second", "true");
  const left = await instance(
    "csi-hostpath",
    ({ status } = {} as PluginInstance) => status?.reason?.includes("1 volume") ?? false,
  );
  expect(left?.status?.state).toBe("draining");
  expect(
    (await instance("csi-hostpath-next", (one) => one?.status?.state === "ready"))?.status?.reason ?? "",
  ).toBe("");
  expect(trace(await podReady("first"))).toEqual(trace(first));
  await instance("device-gpu", (one) => one === undefined);

  await podGone("first");
  await instance("cri-containerd", (one) => one === undefined);
  // Its runtime is another one now, its volume is where it was.
  const reader = await startPod("reader", "first", "grep -q kept /data/note || exit 3");
  expect(reader.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  await podGone("reader");
  await claims().delete("first", scope);
  await instance("csi-hostpath", (one) => one === undefined);
  expect((await podReady("second")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
}, 240_000);
