import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listMountsUnder, listPids, readCommandLine } from "@berth/linux";
import { readManifestOf } from "../../core/pluginhost/package/read-manifest.ts";
import type { DesiredPlugin, DesiredWorld } from "../../core/pluginhost/contracts/plugin-host.ts";
import type { RuntimeService } from "../../core/pluginhost/contracts/runtimes.ts";
import { wantedGrants } from "../../core/pluginhost/supervise/grants.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { bridgePorts } from "../support/bridge-ports.ts";
import { containerConfig, podConfig } from "../support/cri-pod.ts";
import { isReady, seen, type TestHost, TestNode } from "../support/pluginhost/test-host.ts";

const bridge = "brhostpod";
const image = "docker.io/library/hello:1";
const repository = join(import.meta.dirname, "..", "..");

let node: TestNode;
let host: TestHost;
let world: DesiredWorld;
let sandbox: string;
let container: string;

async function shipped(name: string, config: Record<string, unknown> = {}): Promise<DesiredPlugin> {
  const path = join(repository, "plugins", name);
  const manifest = await readManifestOf(path);
  const grants = wantedGrants(manifest);
  return {
    name,
    generation: 1,
    spec: { contract: manifest.contract, source: { path }, dev: true, grants, config },
  };
}

function cri(): RuntimeService {
  return host.runtimes.handler("runc")!.cri;
}

const attachments = () => host.network.stillValid("cni-bridge").stillValid;

beforeAll(async () => {
  node = new TestNode();
  host = node.start();
  const network = { bridge, ranges: [{ subnet: "10.94.0.0/16" }] };
  world = { plugins: [await shipped("cri-containerd"), await shipped("cni-bridge", network)] };
  host.setDesired(world);
  const archive = join(node.root, "hello.tar");
  await buildExampleImage({ output: archive, reference: image, busybox: "/bin/busybox" });
  await seen(host, "cri-containerd", isReady);
  await host.runtimes.handler("")!.archive!.importImage(createReadStream(archive));
});

afterAll(async () => {
  await host.end("teardown");
  node.remove();
});

describe("a pod on the shipped runtime and network", () => {
  it("gets its address through the host, which remembers it", async () => {
    const config = podConfig({ name: `web-${node.name}`, logFolder: join(node.root, "logs") });
    sandbox = (await cri().runPodSandbox({ config, runtime_handler: "" })).pod_sandbox_id;
    const { status } = await cri().podSandboxStatus({ pod_sandbox_id: sandbox });
    expect(status?.network?.ip).toMatch(/^10\.94\./);
    expect(attachments()).toMatchObject([{ id: `${sandbox}/eth0`, kind: "attachment" }]);
    const made = await cri().createContainer({
      pod_sandbox_id: sandbox,
      config: containerConfig("main", ["sh", "-c", "sleep 1000"]),
      sandbox_config: config,
    });
    container = made.container_id;
    await cri().startContainer({ container_id: container });
  });

  it("goes on while its runtime plugin is killed and comes back", async () => {
    const before = await cri().containerStatus({ container_id: container });
    const { pid } = await seen(host, "cri-containerd", isReady);
    process.kill(pid!, "SIGKILL");
    await seen(host, "cri-containerd", (view) => isReady(view) && view.incarnation === 2);
    const after = await cri().containerStatus({ container_id: container });
    expect(after.status).toMatchObject({ state: "CONTAINER_RUNNING", started_at: before.status?.started_at });
  });

  it("goes on while the host goes and another adopts everything", async () => {
    const before = host.instances().map(({ name, pid }) => ({ name, pid }));
    const [daemon] = host.daemons.list();
    await host.end("leave");
    host = node.start();
    host.setDesired(world);
    for (const { name, pid } of before) expect((await seen(host, name, isReady)).pid).toBe(pid);
    expect(host.daemons.list()).toEqual([daemon]);
    const { status } = await cri().containerStatus({ container_id: container });
    expect(status?.state).toBe("CONTAINER_RUNNING");
    expect(attachments().map(({ id }) => id)).toEqual([`${sandbox}/eth0`]);
  });

  it("keeps its network when the network plugin is killed", async () => {
    const ports = () => bridgePorts(bridge);
    const before = ports();
    expect(before).toHaveLength(1);
    const { pid, incarnation } = await seen(host, "cni-bridge", isReady);
    process.kill(pid!, "SIGKILL");
    await seen(host, "cni-bridge", (view) => isReady(view) && view.incarnation !== incarnation);
    expect(ports()).toEqual(before);
  });

  it("gives its address back when it is removed, and no other pod does", async () => {
    const config = podConfig({ name: `lost-${node.name}`, logFolder: join(node.root, "logs") });
    const second = (await cri().runPodSandbox({ config, runtime_handler: "" })).pod_sandbox_id;
    await cri().stopPodSandbox({ pod_sandbox_id: second });
    await cri().removePodSandbox({ pod_sandbox_id: second });
    expect(attachments().map(({ id }) => id)).toEqual([`${sandbox}/eth0`]);
  });

  it("goes without a trace in a teardown, running or not", async () => {
    await host.end("teardown");
    const left = listPids().filter((pid) => readCommandLine(pid)?.some((word) => word.includes(node.root)));
    expect(left).toEqual([]);
    expect(listMountsUnder(node.root)).toEqual([]);
    const links = JSON.parse(execFileSync("ip", ["-j", "link"], { encoding: "utf8" })) as {
      ifname: string;
    }[];
    expect(links.filter(({ ifname }) => ifname === bridge)).toEqual([]);
    expect(execFileSync("nft", ["list", "tables"], { encoding: "utf8" })).not.toContain(bridge);
  });
});
