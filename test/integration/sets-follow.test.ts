import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PluginInstance } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources, waitFor } from "../../core/client/index.ts";
import { type BuiltCore, startBuiltCore, untilReady } from "../support/built-core.ts";
import { NodePods, traceOf } from "../support/node-pods.ts";

const root = join(import.meta.dirname, "../..");
const ceiling = () => AbortSignal.timeout(120_000);
const scope = { namespace: "default" };
let core: BuiltCore;
let client: ApiClient;
let pods: NodePods;

beforeAll(async () => {
  core = await startBuiltCore({ name: "follow", bridge: "bbfollow0", subnet: "10.123.22.0/24" });
  client = await core.client();
  await untilReady(client, 5, ceiling());
  const program = join(root, "dist/cli/berth.js");
  const image = join(root, "dist/hello.tar");
  await execa(process.execPath, [program, "image", "import", image, "--node", core.nodeName], {
    env: { KUBECONFIG: core.kubeconfig },
  });
  pods = new NodePods(client);
  await pods.makeClass();
});

afterAll(() => core[Symbol.asyncDispose]());

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
  await pods.makeClaim("first", "hostpath");
  const first = await pods.start("first", { data: { claim: "first" }, script: "echo kept > /data/note" });
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

  await pods.makeClaim("second", "hostpath");
  await pods.start("second", { data: { claim: "second" } });
  const left = await instance(
    "csi-hostpath",
    ({ status } = {} as PluginInstance) => status?.reason?.includes("1 volume") ?? false,
  );
  expect(left?.status?.state).toBe("draining");
  expect(
    (await instance("csi-hostpath-next", (one) => one?.status?.state === "ready"))?.status?.reason ?? "",
  ).toBe("");
  expect(traceOf(await pods.ready("first"))).toEqual(traceOf(first));
  await instance("device-gpu", (one) => one === undefined);

  await pods.gone("first");
  await instance("cri-containerd", (one) => one === undefined);
  // Its runtime is another one now, its volume is where it was.
  const reader = await pods.start("reader", {
    data: { claim: "first" },
    script: "grep -q kept /data/note || exit 3",
  });
  expect(reader.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  await pods.gone("reader");
  await pods.claims.delete("first", scope);
  await instance("csi-hostpath", (one) => one === undefined);
  expect((await pods.ready("second")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
});
