import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createNetworkNamespace, deleteNetworkNamespace, listMountsUnder, unmountUnder } from "@berth/linux";
import type { DesiredWorld } from "../../core/pluginhost/contracts/plugin-host.ts";
import { hostLinkName } from "../../plugins/cni-bridge/attachments/attachment.ts";
import { bridgePorts } from "../support/bridge-ports.ts";
import {
  attachRequest,
  isReady,
  patientCaller,
  seen,
  type TestHost,
  TestNode,
  wanted,
} from "../support/pluginhost/test-host.ts";

const plugins = join(import.meta.dirname, "../../plugins");
const indexes = Array.from({ length: 12 }, (_, index) => index);

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  node = new TestNode();
});

afterEach(async () => {
  await host.end("teardown");
  unmountUnder(node.root);
  node.remove();
});

/** Looks as often as it can, so that what follows hits a moment in between. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("what was waited for did not come in a minute");
    await sleep(1);
  }
}

/** Kills the plugin, and resolves when its next process has been told what is still valid and serves. */
async function killPlugin(name: string, underWay: Promise<unknown>): Promise<void> {
  const view = host.instances().find((one) => one.name === name);
  process.kill(view!.pid!, "SIGKILL");
  await underWay;
  await seen(host, name, (next) => isReady(next) && next.incarnation > view!.incarnation);
}

describe("attaching sandboxes", () => {
  const bridge = `bck${process.pid % 100_000}`;
  const subnet = `10.${(process.pid % 60) + 60}.0.0/16`;
  const world: DesiredWorld = {
    plugins: [
      wanted("net", join(plugins, "cni-bridge"), {
        config: { bridge, ranges: [{ subnet }] },
        grants: ["root", "hostNetwork"],
      }),
    ],
  };
  const sandboxes = indexes.map((index) => `${bridge}-${index}`);
  const netns = (sandbox: string): string => join(node.root, `ns-${sandbox}`);
  const request = (sandbox: string) => attachRequest(sandbox, netns(sandbox));
  const attach = (sandbox: string) => host.network.attach("cri", request(sandbox), patientCaller);

  beforeEach(() => {
    for (const sandbox of sandboxes) createNetworkNamespace(netns(sandbox));
  });

  afterEach(async () => {
    await Promise.all(sandboxes.map((sandbox_id) => host.network.detach({ sandbox_id, netns: "" })));
    if (links().length > 0) throw new Error(`left on the bridge: ${links().join(", ")}`);
    for (const sandbox of sandboxes) deleteNetworkNamespace(netns(sandbox));
  });

  const links = (): string[] => bridgePorts(bridge);

  /** What kernel and plugin have, and what the host believes in. */
  function bothSides(): { kernel: string[]; host: string[] } {
    const believed = host.network.stillValid("net").stillValid.map(({ id }) => id);
    return { kernel: links(), host: believed.toSorted() };
  }

  function sidesOf(expected: readonly string[]): ReturnType<typeof bothSides> {
    return {
      kernel: expected.map((containerId) => hostLinkName({ containerId, ifname: "eth0" })).toSorted(),
      host: expected.map((id) => `${id}/eth0`).toSorted(),
    };
  }

  it("killed in it, the host's successor gets the same answer for the same request, and nothing is made twice", async () => {
    const former = await node.startProcess(world, "net", isReady);
    for (const sandbox of sandboxes) former.order({ verb: "attach", request: request(sandbox) });
    await until(() => links().length > 0);
    await former.kill();
    host = node.start();
    host.setDesired(world);
    expect((await seen(host, "net", isReady)).pid).toBe(former.view.pid);
    const answers = await Promise.all(sandboxes.map(attach));
    expect(new Set(answers.map(({ result }) => result?.ips?.[0]?.address)).size).toBe(sandboxes.length);
    expect(bothSides()).toEqual(sidesOf(sandboxes));
    expect(await Promise.all(sandboxes.map(attach))).toEqual(answers);
  });

  it.for([1, 5, 9])("with the plugin killed after %i links, both sides are equal at rest", async (enough) => {
    host = node.start();
    host.setDesired(world);
    await seen(host, "net", isReady);
    const attached = new Set<string>();
    const calls = Promise.allSettled(
      sandboxes.map(async (sandbox) => {
        await attach(sandbox);
        attached.add(sandbox);
      }),
    );
    await until(() => links().length >= enough);
    await killPlugin("net", calls);
    // The runtime undoes a sandbox without a network, and tells at its next connect which ones it has.
    await host.network.retain("cri", attached, Date.now() + 1);
    expect(bothSides()).toEqual(sidesOf([...attached]));
    await Promise.all(sandboxes.map(attach));
    expect(bothSides()).toEqual(sidesOf(sandboxes));
  });
});

describe("volumes", () => {
  const capability = { mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" as const } };
  const world: DesiredWorld = {
    plugins: [
      wanted("disks", join(plugins, "csi-hostpath"), {
        contract: "csi",
        controller: "berth",
        grants: ["root"],
      }),
    ],
  };
  const driver = () => host.csi.list()[0]!;
  const name = (index: number): string => `pvc-${index}`;
  const staging = (index: number): string => join(node.root, "kubelet/plugins/staging", name(index));
  const target = (index: number): string =>
    join(node.root, "kubelet/pods", name(index), "volumes/kubernetes.io~csi/pv/mount");
  const onDisk = (): string[] => readdirSync(join(node.root, "data/plugins/disks/state/data/volumes"));

  async function begin(): Promise<void> {
    host = node.start();
    host.setDesired(world);
    await seen(host, "disks", isReady);
  }

  async function create(index: number): Promise<string> {
    const { volume } = await driver().controller!.createVolume({
      name: name(index),
      volume_capabilities: [capability],
      capacity_range: { required_bytes: "1048576" },
    });
    return volume!.volume_id;
  }

  function stageRequest(volume_id: string, index: number) {
    return { volume_id, staging_target_path: staging(index), volume_capability: capability };
  }

  /** Volumes with their folders on the node. */
  async function createAll(): Promise<string[]> {
    for (const index of indexes) {
      for (const folder of [staging(index), dirname(target(index))]) mkdirSync(folder, { recursive: true });
    }
    return Promise.all(indexes.map(create));
  }

  /** One line for each mount: one that was made twice is there twice. */
  const mounts = (part: string): string[] =>
    listMountsUnder(node.root)
      .map((mount) => mount.target)
      .filter((path) => path.includes(part))
      .toSorted();

  it("being staged when the host is killed are staged once, whoever asks again", async () => {
    await begin();
    const ids = await createAll();
    await host.end("leave");
    const former = await node.startProcess(world, "disks", isReady);
    ids.forEach((id, index) => former.order({ verb: "nodeStageVolume", request: stageRequest(id, index) }));
    await until(() => mounts("/staging/").length > 0);
    await former.kill();
    await begin();
    for (const round of ["repeated", "answered again"]) {
      await Promise.all(ids.map((id, index) => driver().node.nodeStageVolume(stageRequest(id, index))));
      expect(mounts("/staging/"), round).toEqual(indexes.map(staging).toSorted());
    }
  });

  it.for([1, 6])(
    "whose driver is killed after %i were published are mounted where a pod holds them, and nowhere else",
    async (enough) => {
      await begin();
      const ids = await createAll();
      const isHeld = (index: number): boolean => index % 2 === 0;
      for (const index of indexes) {
        // What the node does not remember any more: a record from an older copy of its files is in its place.
        const volumeHandle = ids[isHeld(index) ? index : 0];
        writeFileSync(join(dirname(target(index)), "vol_data.json"), JSON.stringify({ volumeHandle }));
      }
      const publish = async (index: number): Promise<void> => {
        const request = stageRequest(ids[index]!, index);
        await driver().node.nodeStageVolume(request);
        await driver().node.nodePublishVolume({ ...request, target_path: target(index) });
      };
      const calls = Promise.allSettled(indexes.map(publish));
      await until(() => mounts("/pods/").length >= enough);
      await killPlugin("disks", calls);
      const held = indexes.filter(isHeld).map(target).toSorted();
      expect(held).toEqual(expect.arrayContaining(mounts("/pods/")));
      await Promise.all(indexes.filter(isHeld).map(publish));
      expect(mounts("/pods/")).toEqual(held);
    },
  );

  it("being made when the driver is killed are all there once after the same requests again", async () => {
    await begin();
    const calls = Promise.allSettled(indexes.map(create));
    await until(() => onDisk().length > 0);
    await killPlugin("disks", calls);
    const ids = await Promise.all(indexes.map(create));
    expect(onDisk().toSorted()).toEqual(ids.toSorted());
    await Promise.all(ids.map((volume_id) => driver().controller!.deleteVolume({ volume_id })));
    expect(onDisk()).toEqual([]);
    expect(host.csi.made("disks")).toBe("");
  });
});
