import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isMountPoint, unmountUnder } from "@berth/linux";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

const plugin = join(import.meta.dirname, "../../plugins/csi-hostpath");
const capability = { mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" as const } };

let node: TestNode;
let host: TestHost;

beforeEach(async () => {
  node = new TestNode();
  host = node.start();
  const spec = { contract: "csi" as const, controller: "berth" as const, grants: ["root"] };
  host.setDesired({ plugins: [wanted("disks", plugin, spec)] });
  await seen(host, "disks", isReady);
});

afterEach(async () => {
  await host.end("teardown");
  unmountUnder(node.root);
  node.remove();
});

/** Published as the kubelet does it; answers the target. */
async function publish(name: string): Promise<{ target: string; handle: string }> {
  const [driver] = host.csi.list();
  const { volume } = await driver!.controller!.createVolume({
    name,
    volume_capabilities: [capability],
    capacity_range: { required_bytes: "1048576" },
  });
  const volume_id = volume!.volume_id;
  const staging_target_path = join(node.root, "kubelet/plugins/staging", name);
  const target = join(node.root, "kubelet/pods", name, "volumes/kubernetes.io~csi/pv/mount");
  for (const folder of [staging_target_path, dirname(target)]) mkdirSync(folder, { recursive: true });
  const request = { volume_id, staging_target_path, volume_capability: capability };
  await driver!.node.nodeStageVolume(request);
  await driver!.node.nodePublishVolume({ ...request, target_path: target });
  writeRecord(target, JSON.stringify({ volumeHandle: volume_id }));
  return { target, handle: volume_id };
}

function writeRecord(target: string, text: string): void {
  writeFileSync(join(dirname(target), "vol_data.json"), text);
}

async function killed(): Promise<void> {
  const { pid, incarnation } = await seen(host, "disks", isReady);
  process.kill(pid!, "SIGKILL");
  await seen(host, "disks", (view) => isReady(view) && view.incarnation > incarnation);
}

it("a driver that connects again keeps the mounts that pods hold and releases those that nobody remembers", async () => {
  const held = await publish("held");
  const orphan = await publish("orphan");
  // As after a restart from a copy of the node's files that was made before.
  writeRecord(orphan.target, JSON.stringify({ volumeHandle: held.handle }));
  await killed();
  expect(isMountPoint(held.target)).toBe(true);
  expect(isMountPoint(orphan.target)).toBe(false);
});

it("nothing is released when a record cannot be read: then nobody knows what is held", async () => {
  const held = await publish("held");
  const other = await publish("other");
  writeRecord(other.target, "{");
  await killed();
  expect([held, other].map(({ target }) => isMountPoint(target))).toEqual([true, true]);
});
