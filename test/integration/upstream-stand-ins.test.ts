import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { isReady, seen, type TestHost, TestNode } from "../support/pluginhost/test-host.ts";
import { startPluginProcess } from "../support/plugin-process.ts";
import { noPython, PythonStandIn } from "../support/python-stand-in.ts";

const repository = join(import.meta.dirname, "../..");
if (noPython) console.warn(`skipped: stand-ins in Python: ${noPython}`);

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

async function startHost(): Promise<{
  host: TestHost;
  node: TestNode;
  root: string;
  restart: () => Promise<TestHost>;
}> {
  const node = new TestNode({
    numbers: { health: { intervalMs: 100, deadlineMs: 1000, misses: 3, ownDelayMs: 1e6 }, rescanMs: 1000 },
  });
  const host = node.start();
  await host.start();
  ends.push(async () => node.remove());
  let current = host;
  ends.push(() => current.end("teardown"));
  const restart = async (): Promise<TestHost> => {
    await current.end("leave");
    current = node.start();
    await current.start();
    return current;
  };
  return { host, node, root: join(node.root, "kubelet"), restart };
}

function standIn(program: string, ...args: string[]): PythonStandIn {
  const started = new PythonStandIn(program, args);
  ends.push(() => started.end());
  return started;
}

describe.skipIf(noPython)("programs written against the public contracts only", () => {
  it("a CSI driver registers, is told so, and gets its node side; beside one that Berth controls", async () => {
    const { host, root, node } = await startHost();
    const sockets = join(node.root, "run");
    const appeared = standIn("csi_driver.py", sockets, join(root, "plugins_registry"), "seen.example.org");
    const named = standIn("csi_driver.py", sockets, "-", "named.example.org");
    await named.says(({ serving }) => serving !== undefined);
    const endpoint = `unix://${join(sockets, "named.example.org.sock")}`;
    host.setDesired({
      plugins: [
        {
          name: "named",
          generation: 1,
          spec: { contract: "csi", controller: "berth", source: { endpoint } },
        },
      ],
    });
    await appeared.says(({ registered }) => registered === true);
    await seen(host, "seen.example.org", isReady);
    await seen(host, "named", isReady);
    expect(host.csi.driver("seen.example.org")).toMatchObject({
      ready: true,
      nodeId: "seen.example.org-node",
      controller: undefined,
    });
    expect([...host.csi.driver("named.example.org")!.controller!.capabilities]).toEqual([
      "CREATE_DELETE_VOLUME",
    ]);
  });

  it("a CSI driver that says it is not ready yet is degraded until it is", async () => {
    const { host, root, node } = await startHost();
    const name = "slow.example.org";
    const driver = standIn("csi_driver.py", join(node.root, "run"), join(root, "plugins_registry"), name);
    await seen(host, name, isReady);
    driver.write("unready");
    const view = await seen(host, name, ({ state }) => state === "degraded");
    expect(view.reason).toContain("says that it is not ready yet");
    driver.write("ready");
    await seen(host, name, isReady);
  });

  it("a new instance of a driver stays when the old one's socket goes", async () => {
    const { host, root, node } = await startHost();
    const registry = join(root, "plugins_registry");
    const name = "again.example.org";
    const first = standIn("csi_driver.py", join(node.root, "run"), registry, name);
    await seen(host, name, isReady);
    mkdirSync(join(node.root, "run", "2"));
    const second = standIn("csi_driver.py", join(node.root, "run", "2"), registry, name);
    await second.says(({ registered }) => registered === true);
    await first.end();
    rmSync(join(registry, `${name}-${first.pid}-reg.sock`));
    // Another plugin's coming and going proves that the folder was looked at after the removal.
    const other = standIn("csi_driver.py", join(node.root, "run", "2"), registry, "other.example.org");
    await other.says(({ registered }) => registered === true);
    expect(await seen(host, name, isReady)).toMatchObject({ state: "ready" });
    expect(host.csi.driver(name)?.ready).toBe(true);
  });

  it("a device plugin registers, and again when the node's socket is made anew", async () => {
    const { host, root, restart } = await startHost();
    const plugin = standIn("device_plugin.py", join(root, "device-plugins"), "example.org/thing");
    await seen(host, "example.org-thing", isReady);
    await expect.poll(() => host.devices.list(), { timeout: 60_000 }).toMatchObject([{ allocatable: 2 }]);
    const request = {
      podUid: "u",
      podName: "p",
      podNamespace: "d",
      container: "c",
      resource: "example.org/thing",
    };
    const given = await host.devices.allocate({ ...request, count: 1 });
    expect(given.envs).toEqual({ STAND_IN: "1" });
    const next = await restart();
    await seen(next, "example.org-thing", isReady);
    await plugin.says(({ registered }) => registered !== undefined, 2);
  });

  it("the registration folder may be deleted and made again 100 times, and a driver is still found", async () => {
    const { host, root, node } = await startHost();
    const registry = join(root, "plugins_registry");
    for (let round = 0; round < 100; round++) {
      rmSync(registry, { recursive: true, force: true });
      mkdirSync(registry, { recursive: true });
      // Some rounds are long enough for the watcher to follow, the others are not.
      if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    renameSync(registry, `${registry}.old`);
    const driver = standIn("csi_driver.py", join(node.root, "run"), registry, "late.example.org");
    await driver.says(({ registered }) => registered === true);
    expect(await seen(host, "late.example.org", isReady)).toMatchObject({ mode: "attached" });
  });

  it("a kubelet keeps its root: the node is refused with its pid and command", async () => {
    const node = new TestNode();
    const kubelet = standIn("kubelet.py", join(node.root, "kubelet"));
    await kubelet.says(({ ready }) => ready === true);
    const host = node.start();
    await expect(host.start()).rejects.toThrow(
      new RegExp(
        `is held by process ${kubelet.pid} \\(.*kubelet\\.py.*\\), which serves on .*/kubelet\\.sock`,
      ),
    );
    await host.end("leave");
    node.remove();
  });
});

describe.skipIf(noPython)("our plugins under a kubelet that is not Berth", () => {
  const start = async (plugin: string, folder: string, options: Record<string, string>, config = {}) => {
    const started = await startPluginProcess(join(repository, "plugins", plugin), folder, options, config);
    ends.push(() => started.kill("SIGTERM"));
    return started;
  };

  it("csi-hostpath registers in its folder, device-gpu at its socket, and again after its restart", async () => {
    const root = mkdtempSync(join(tmpdir(), "bk-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const kubelet = standIn("kubelet.py", root);
    await kubelet.says(({ ready }) => ready === true);
    await start("csi-hostpath", join(root, "csi"), {
      "registration-dir": join(root, "plugins_registry"),
      "node-name": "elsewhere",
    });
    const [csi] = await kubelet.says(({ plugin }) => plugin === "hostpath.csi.berth.dev");
    expect(csi).toMatchObject({ type: "CSIPlugin", versions: ["1.0.0"], node: "elsewhere" });

    const devices = join(root, "device-plugins");
    const options = {
      "kubelet-socket": join(devices, "kubelet.sock"),
      endpoint: `unix://${devices}/gpu.sock`,
    };
    const config = { backend: "simulated" };
    await start("device-gpu", join(root, "gpu"), options, config);
    const isGpu = ({ device }: Readonly<Record<string, unknown>>): boolean => device === "nvidia.com/gpu";
    expect(await kubelet.says(isGpu)).toMatchObject([{ version: "v1beta1" }]);
    kubelet.write("restart");
    await kubelet.says(isGpu, 2);
  });
});
