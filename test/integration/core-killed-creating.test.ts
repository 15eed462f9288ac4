import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { listMountsUnder } from "@berth/linux";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countByCategory, type Item, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { pluginsWithNetwork } from "../support/built-core.ts";
import { claim, claimed, classes, pod } from "../support/objects-to-apply.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
const nodeName = "making";
const bridge = "bbmaking0";
let core: UserCore;
let plugins: string;

beforeAll(async () => {
  core = await UserCore.prepare(nodeName);
  plugins = pluginsWithNetwork(core.folder, { name: nodeName, bridge, subnet: "10.123.27.0/24" });
  await start();
  await core.shows(["InForce", "1/1"], "get", "pluginset", "standard");
  await core.berth("image", "import", join(root, "dist/hello.tar"), "--node", nodeName);
  await core.apply(...classes);
}, 120_000);

afterAll(() => core[Symbol.asyncDispose](), 120_000);

const start = (): Promise<void> => core.start("--set", "standard", "--plugins", plugins, "--ephemeral");

const poll = { timeout: 60_000, interval: 200 };

const applyAll = (names: readonly string[], spec: object): Promise<void> =>
  core.apply(
    ...names.flatMap((name) => [
      claim(name),
      pod(name, { data: claimed(name) }, { terminationGracePeriodSeconds: 1, ...spec }),
    ]),
  );

const filesIn = (...path: string[]): string[] => {
  try {
    return readdirSync(join(core.folder, ...path));
  } catch {
    return [];
  }
};
/** Of sandboxes: each is pinned before its network is asked for, long before its sandbox runs. */
const namespaces = (): number =>
  listMountsUnder(core.folder).filter(
    ({ target }) => target.includes("/sandboxes/") && target.endsWith("/net"),
  ).length;
/** A container's is made first, and its record follows; it goes some time after its container. */
const snapshots = (): number =>
  filesIn(
    "data/node",
    nodeName,
    "daemons/containerd/state/root/io.containerd.snapshotter.v1.overlayfs/snapshots",
  ).length;
/** The folder is made right before the driver is asked. */
const stagings = (): number => filesIn("k/plugins/kubernetes.io/csi/hostpath.csi.berth.dev").length;

/** Addresses that the network plugin believes somebody has. */
function given(): number {
  const file = join(core.folder, "data/node", nodeName, "plugins/cni-bridge/state/attachments.sqlite");
  using database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS count FROM address").get() as { count: number };
  return row.count;
}

/** Of this node alone: others use the machine too. */
const ours = (): Item[] => takeSnapshot().items.filter(mentioning(core.folder, bridge, `berth/${nodeName}`));

function counted() {
  const { mounts, links: own, shims, addresses, "network namespaces": pinned } = countByCategory(ours());
  return { mounts, links: own, shims, addresses, pinned, given: given() };
}

async function listed(plugin: string, verb: string, key: string): Promise<number> {
  const { text } = await core.berth("plugin", "call", plugin, verb, "-o", "json");
  const { response } = JSON.parse(text) as { response: Record<string, unknown[] | undefined> };
  return response[key]?.length ?? 0;
}

/** Looks as often as it can, so that what follows hits a moment in between. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("what was waited for did not come in a minute");
    await sleep(1);
  }
}

async function allRun(names: readonly string[]): Promise<void> {
  for (const name of names) await core.shows(["1/1", "Running"], "get", "pod", name);
}

async function removed(names: readonly string[]): Promise<void> {
  await core.kubectl("delete", "--wait", ...names.flatMap((name) => [`pod/${name}`, `pvc/${name}`]));
}

/** Of the one image that pods use here. */
const layers = 1;

const calls = [
  { verb: "RunPodSandbox", underWay: () => namespaces() > 0 },
  { verb: "NodeStageVolume", underWay: () => stagings() > 0 },
  { verb: "CreateContainer", underWay: () => snapshots() > layers },
] as const;

test.each([
  { runtime: "cri-containerd", spec: {}, during: calls },
  { runtime: "cri-gvisor", spec: { runtimeClassName: "gvisor" }, during: calls.slice(0, 1) },
])(
  "killed while pods are being made on $runtime, the core's successor ends what was begun: nothing is there twice, nothing is left",
  async ({ runtime, spec, during }) => {
    const names = ["a", "b"].map((name) => `${runtime}-${name}`);
    await applyAll(names, spec);
    await allRun(names);
    const calm = counted();
    await removed(names);
    await expect.poll(counted, poll).toMatchObject({ mounts: 0, shims: 0, pinned: 0, links: 1, given: 0 });
    // The bridge was made with the first pod and stays.
    const empty = counted();
    for (const { verb, underWay } of during) {
      await expect.poll(snapshots, { ...poll, message: `snapshots before ${verb}` }).toBe(layers);
      await applyAll(names, spec);
      await until(underWay);
      await core.kill();
      await start();
      await allRun(names);
      await expect.poll(counted, { ...poll, message: `after ${verb}` }).toEqual(calm);
      const told = { ...poll, message: `listed after ${verb}` };
      // What of a sandbox was cut off stays listed until the node has removed it.
      await expect.poll(() => listed(runtime, "ListPodSandbox", "items"), told).toBe(names.length);
      await expect.poll(() => listed(runtime, "ListContainers", "containers"), told).toBe(names.length);
      const shown = await core.kubectl(
        "get",
        "pods",
        "-o",
        "jsonpath={range .items[*]}{.status.podIP} {.status.containerStatuses[0].restartCount}{'\\n'}{end}",
      );
      const lines = shown.text.trim().split("\n");
      expect(new Set(lines.map((line) => line.split(" ")[0])).size, verb).toBe(names.length);
      expect(
        lines.map((line) => line.split(" ")[1]),
        verb,
      ).toEqual(names.map(() => "0"));
      await removed(names);
      await expect.poll(counted, { ...poll, message: `removed after ${verb}` }).toEqual(empty);
    }
  },
  300_000,
);
