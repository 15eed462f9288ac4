import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isReady, seen, type TestHost, TestNode } from "../support/pluginhost/test-host.ts";

const repository = join(import.meta.dirname, "..", "..");
const drivers = join("run", "byhand");

let node: TestNode;
let host: TestHost;
let started: ChildProcess[];

beforeEach(async () => {
  node = new TestNode({
    numbers: { health: { intervalMs: 100, deadlineMs: 1000, misses: 3, ownDelayMs: 1e6 } },
  });
  host = node.start();
  await host.start();
  started = [];
  mkdirSync(join(node.root, drivers), { mode: 0o700 });
});

afterEach(async () => {
  for (const child of started) await end(child);
  await host.end("teardown");
  node.remove();
});

/** One of our plugins with no Berth session anywhere in it: to the host it is a stranger. */
function byHand(plugin: string, args: readonly string[]): ChildProcess {
  const socket = join(node.root, drivers, `${plugin}-${started.length}.sock`);
  const state = join(node.root, drivers, `${plugin}-${started.length}.state`);
  const program = join(repository, "plugins", plugin, "main.ts");
  const common = ["--endpoint", `unix://${socket}`, "--state-dir", state, "--node-name", "upstream"];
  const child = spawn(process.execPath, [program, ...common, ...args], { stdio: "ignore" });
  started.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

const registry = (): string => join(node.root, "kubelet", "plugins_registry");
const csi = "hostpath.csi.berth.dev";

describe("a CSI driver in the registration directory", () => {
  it("is attached by the name it gives itself, with its node side only", async () => {
    byHand("csi-hostpath", ["--registration-dir", registry()]);
    const view = await seen(host, csi, isReady);
    expect(view).toMatchObject({ mode: "attached", contract: "csi", capabilities: [`csi:${csi}`] });
    expect(host.csi.driver(csi)).toMatchObject({ ready: true, nodeId: "upstream", controller: undefined });
  });

  it("is taken off when its process ends, and comes back with the next one", async () => {
    const child = byHand("csi-hostpath", ["--registration-dir", registry()]);
    await seen(host, csi, isReady);
    const lost = seen(host, csi, ({ state }) => state !== "ready");
    await end(child);
    await lost;
    expect(host.csi.driver(csi)?.ready ?? false).toBe(false);
    byHand("csi-hostpath", ["--registration-dir", registry()]);
    await seen(host, csi, isReady);
    expect(host.csi.driver(csi)?.ready).toBe(true);
  });

  it("is found after its directory was deleted and made again", async () => {
    for (let round = 0; round < 20; round++) {
      rmSync(registry(), { recursive: true, force: true });
      mkdirSync(registry(), { recursive: true });
    }
    byHand("csi-hostpath", ["--registration-dir", registry()]);
    expect(await seen(host, csi, isReady)).toMatchObject({ mode: "attached" });
  });
});

describe("a device plugin that dials the node", () => {
  const config = (): string[] => [
    "--kubelet-socket",
    join(node.root, "kubelet", "device-plugins", "kubelet.sock"),
  ];

  it("is asked for its devices and for allocations, which are remembered", async () => {
    const file = join(node.root, "gpu.json");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(file, JSON.stringify({ backend: "simulated", simulatedCount: 2 }));
    const socket = join(node.root, "kubelet", "device-plugins", "gpu.sock");
    const program = join(repository, "plugins", "device-gpu", "main.ts");
    const args = ["--endpoint", `unix://${socket}`, "--state-dir", join(node.root, "gpu"), "--config", file];
    const child = spawn(process.execPath, [program, ...args, ...config()], { stdio: "ignore" });
    started.push(child);
    await seen(host, "nvidia.com-gpu", isReady);
    expect(host.devices.list()).toMatchObject([{ name: "nvidia.com/gpu", capacity: 2, allocatable: 2 }]);
    const request = {
      podUid: "u1",
      podName: "p",
      podNamespace: "d",
      container: "c",
      resource: "nvidia.com/gpu",
      count: 1,
    };
    const given = await host.devices.allocate(request);
    expect(given.ids).toHaveLength(1);
    expect(await host.devices.allocate(request)).toEqual(given);
    const more = host.devices.allocate({ ...request, podUid: "u2", count: 2 });
    await expect(more).rejects.toThrow("2 of nvidia.com/gpu asked, 1 free: 1 in use, 0 unhealthy");
    expect(host.devices.allocated("u1")).toEqual([given]);
    host.devices.release("u1");
    expect(host.devices.allocated("u1")).toEqual([]);
    await end(child);
    await seen(host, "nvidia.com-gpu", ({ state }) => state !== "ready");
    expect(host.devices.list()).toMatchObject([{ capacity: 2, allocatable: 0 }]);
  });
});

describe("an endpoint that an operator names", () => {
  it("is attached, and again when somebody serves there anew", async () => {
    const endpoint = `unix://${join(node.root, drivers, "csi-hostpath-0.sock")}`;
    const spec = { contract: "csi" as const, source: { endpoint }, controller: "berth" as const };
    host.setDesired({ plugins: [{ name: "named", generation: 1, spec }] });
    const child = byHand("csi-hostpath", []);
    await seen(host, "named", isReady);
    expect(host.csi.driver(csi)?.controller?.capabilities.has("CREATE_DELETE_VOLUME")).toBe(true);
    await end(child);
    const view = await seen(host, "named", ({ state }) => state === "waiting");
    expect(view.reason).toContain("nobody serves on");
  });
});

describe("the kubelet root", () => {
  it("is refused to a second node, with the holder's pid", async () => {
    const second = new TestNode({
      paths: { ...node.options.paths, data: join(node.root, "data2"), run: join(node.root, "run2") },
    });
    const other = second.start();
    await expect(other.start()).rejects.toThrow(`is held by process ${process.pid}`);
    await other.end("leave");
    second.remove();
  });
});
