import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareSnapshots, mentioning, type Snapshot } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
const archive = join(root, "dist/hello.tar");
const image = "berth.dev/hello:1";
const bridge = "badpod0";
const readyStatus = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';

let core: UserCore;
let before: Snapshot;

const plugin = (name: string, contract: string, more: object) => ({
  apiVersion: "berth.dev/v1alpha1",
  kind: "Plugin",
  metadata: { name },
  spec: {
    contract,
    dev: true,
    source: { path: join(root, "plugins", name) },
    grants: ["network", "events", "root"],
    ...more,
  },
});

const pod = (name: string, spec: object, container: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image, command: ["sleep", "600"], ...container }],
    ...spec,
  },
});

/** One runtime and one network, which is what a node needs to be Ready. */
beforeAll(async () => {
  before = takeSnapshot();
  core = await UserCore.prepare("badpod");
  await core.start("--ephemeral");
  await core.apply(
    plugin("cri-containerd", "cri", {}),
    plugin("cni-bridge", "cni", { config: { bridge, ranges: [{ subnet: "10.187.44.0/24" }] } }),
    {
      apiVersion: "berth.dev/v1alpha1",
      kind: "PluginSet",
      metadata: { name: "bad" },
      spec: {
        plugins: ["cri-containerd", "cni-bridge"],
        defaultRuntimeHandler: "runc",
        networkChain: ["cni-bridge"],
      },
    },
  );
  await core.shows(["True"], "get", "node", "badpod", "-o", readyStatus);
});

afterAll(() => core[Symbol.asyncDispose]());

test("an archive cut short is refused and leaves no image; the whole one is taken, and the waiting pod runs", async () => {
  const cut = join(core.folder, "cut.tar");
  writeFileSync(cut, readFileSync(archive).subarray(0, 1_000_000));
  await core.apply(pod("patient", {}, { imagePullPolicy: "Never" }));

  const refused = await core.berth("image", "import", cut, "--node", "badpod");
  expect(refused.code).toBe(1);
  expect(refused.text).toContain(`${cut} was not imported`);
  expect(refused.text).toMatch(/cannot be read to its end: .*compare the file's size with the original/);
  expect(refused.text).toContain("next step:");
  await core.shows([image, "ErrImageNeverPull"], "describe", "pod", "patient");
  expect((await core.kubectl("get", "node", "badpod", "-o", "jsonpath={.status.images}")).text).not.toContain(
    image,
  );

  const whole = await core.berth("image", "import", archive, "--node", "badpod");
  expect(whole.text).toContain(image);
  const { text } = await core.kubectl("wait", "pod/patient", "--for=condition=Ready", "--timeout=60s");
  expect(text).toContain("condition met");
});

test.each([
  ["is empty", Buffer.alloc(0)],
  ["is no archive", Buffer.from("hello\n".repeat(1000))],
])("an archive that %s is refused by its name", async (_, bytes) => {
  const file = join(core.folder, "no-archive.tar");
  writeFileSync(file, bytes);
  const { code, text } = await core.berth("image", "import", file, "--node", "badpod");
  expect(code).toBe(1);
  expect(text).toContain(`${file} was not imported`);
  expect(text).toContain("next step:");
});

test("an archive that is not there is refused by its name", async () => {
  const { code, text } = await core.berth("image", "import", "/nowhere/x.tar", "--node", "badpod");
  expect(code).toBe(1);
  expect(text).toContain("there is no file /nowhere/x.tar");
});

test("a pod that fits no node stays Pending with the reason of each, in its status and in an event", async () => {
  await core.apply(pod("huge", {}, { resources: { requests: { cpu: "1000" } } }));
  const text = await core.shows(["FailedScheduling"], "describe", "pod", "huge");
  expect(text).toContain("0/1 nodes are available: 1 Insufficient cpu");
  expect(await core.shows(["PodScheduled"], "get", "pod", "huge", "-o", "yaml")).toContain(
    "Insufficient cpu",
  );
  await core.apply(pod("elsewhere", { nodeSelector: { moon: "dark" } }));
  await core.shows(["FailedScheduling", "node affinity/selector"], "describe", "pod", "elsewhere");
});

test("a claim whose StorageClass names no plugin says so in an event, and its pod waits for it", async () => {
  await core.apply(
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "nobodys" },
      provisioner: "nobody.example.com",
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "wish" },
      spec: {
        storageClassName: "nobodys",
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Mi" } },
      },
    },
    pod("wisher", { volumes: [{ name: "wish", persistentVolumeClaim: { claimName: "wish" } }] }),
  );
  const words = ['waiting for driver "nobody.example.com": no plugin provides it', "Pending"];
  await core.shows(words, "describe", "pvc", "wish");
  await core.shows(["unbound immediate PersistentVolumeClaims"], "describe", "pod", "wisher");
  expect((await core.kubectl("get", "pv", "-o", "name")).text).toBe("");
});

test("a RuntimeClass that names no handler keeps its pods Pending, naming the handler and who could bring it", async () => {
  await core.apply(
    { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "wasm" }, handler: "wasm" },
    pod("wasm", { runtimeClassName: "wasm" }),
  );
  const text = await core.shows(["FailedScheduling"], "describe", "pod", "wasm");
  expect(text).toContain('runtime handler "wasm"');
});

test("a pod that names no RuntimeClass that exists is told which one is missing", async () => {
  await expect(core.apply(pod("lost", { runtimeClassName: "nonesuch" }))).rejects.toThrow(
    'pods "lost" is forbidden: pod rejected: RuntimeClass "nonesuch" not found',
  );
});

test("pods that ran before any of this still run", async () => {
  const { text } = await core.kubectl("get", "pod", "patient");
  expect(text).toContain("1/1");
  expect(existsSync(`/sys/class/net/${bridge}`)).toBe(true);
});

test("the node goes down without a trace of what was refused", async () => {
  expect(await core.stop()).toBe(0);
  const { added } = compareSnapshots(before, takeSnapshot(), mentioning(core.folder, "badpod"));
  expect(added).toEqual([]);
});
