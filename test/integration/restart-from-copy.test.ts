import { cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unmountUnder } from "@berth/linux";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countByCategory, type Item, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { pluginsWithNetwork } from "../support/built-core.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
const nodeName = "copied";
const bridge = "bbcopied0";
let core: UserCore;
let plugins: string;

beforeAll(async () => {
  core = await UserCore.prepare(nodeName);
  plugins = pluginsWithNetwork(core.folder, { name: nodeName, bridge, subnet: "10.123.23.0/24" });
  await start();
  await core.berth("image", "import", join(root, "dist/hello.tar"), "--node", nodeName);
  await core.apply({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "hostpath" },
    provisioner: "hostpath.csi.berth.dev",
  });
});

afterAll(() => core[Symbol.asyncDispose]());

async function start(...more: string[]): Promise<void> {
  await core.start("--set", "standard", "--plugins", plugins, ...more);
  await core.shows(["InForce", "1/1"], "get", "pluginset", "standard");
}

async function startPod(name: string): Promise<void> {
  const spec = {
    storageClassName: "hostpath",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "16Mi" } },
  };
  const container = {
    name: "main",
    image: "berth.dev/hello:1",
    command: ["sh", "-c", "sleep 3600"],
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
  await core.apply(
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace: "default" }, spec },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default" },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [container],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }],
      },
    },
  );
  await core.shows(["1/1", "Running"], "get", "pod", name);
}

/** Of this node alone: others use the machine too. */
const ours = (): Item[] => takeSnapshot().items.filter(mentioning(core.folder, bridge, `berth/${nodeName}`));

const processes = (): number[] =>
  ours()
    .filter(({ category }) => category === "processes" || category === "shims")
    .map(({ id }) => Number.parseInt(id, 10));

function signalAll(signal: NodeJS.Signals, pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function left() {
  const { mounts, links, shims, addresses, "network namespaces": namespaces } = countByCategory(ours());
  return { mounts, links, shims, addresses, namespaces };
}

test("killed as a whole and started from a copy of its data made in the middle, a node has what the copy knows and nothing else", async () => {
  await startPod("kept");
  const before = left();
  const copy = join(core.folder, "copy");
  // As a disk stands at one moment.
  const all = processes();
  signalAll("SIGSTOP", all);
  cpSync(core.dataDirectory, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  signalAll("SIGCONT", all);
  await startPod("lost");
  expect(left().shims).toBe(before.shims + 1);

  for (let pids = processes(); pids.length > 0; pids = processes()) {
    signalAll("SIGKILL", pids);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  unmountUnder(core.folder);
  rmSync(core.dataDirectory, { recursive: true });
  renameSync(copy, core.dataDirectory);
  await start("--ephemeral");
  expect((await core.kubectl("get", "pod", "lost")).text).toContain("NotFound");
  await core.shows(["1/1", "Running"], "get", "pod", "kept");
  await expect.poll(left, { timeout: 60_000, interval: 200 }).toEqual(before);
  const folders = (): number => readdirSync(join(core.folder, "k/pods")).length;
  await expect.poll(folders, { timeout: 60_000, interval: 200 }).toBe(1);
  await startPod("next");
});
