import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readMounts } from "@berth/linux";
import { services } from "@berth/sdk";
import { type PluginUnderTest, startForTest } from "@berth/sdk/testing/index.ts";
import { plugin } from "@berth/plugin-csi-hostpath";

const mountWriter = { mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" as const } };
const blockWriter = { block: {}, access_mode: { mode: "SINGLE_NODE_WRITER" as const } };
const megabyte = { capacity_range: { required_bytes: "1048576" } };

let home: string;
let started: PluginUnderTest;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-csi-"));
  await mkdir(join(home, "pods"));
  started = await startForTest(plugin, { stateDirectory: join(home, "state") });
});

afterEach(async () => {
  await started.stop();
  const left = readMounts().filter(({ target, root }) => `${target} ${root}`.includes(home));
  await rm(home, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`mounts left behind: ${left.map(({ target }) => target).join(", ")}`);
});

const controller = () => started.client(services.csiController);
const node = () => started.client(services.csiNode);

async function create(name: string, capability: typeof mountWriter | typeof blockWriter = mountWriter) {
  const { volume } = await controller().createVolume({
    name,
    volume_capabilities: [capability],
    ...megabyte,
  });
  return volume!.volume_id;
}

async function publish(
  id: string,
  capability: typeof mountWriter | typeof blockWriter = mountWriter,
  pod = "a",
) {
  const staging_target_path = join(home, `staging-${id}`);
  const target_path = join(home, "pods", pod);
  const common = { volume_id: id, volume_capability: capability, staging_target_path };
  for (let time = 0; time < 2; time++) await node().nodeStageVolume(common);
  for (let time = 0; time < 2; time++) await node().nodePublishVolume({ ...common, target_path });
  return {
    target: target_path,
    async undo() {
      for (let time = 0; time < 2; time++) await node().nodeUnpublishVolume({ volume_id: id, target_path });
      for (let time = 0; time < 2; time++)
        await node().nodeUnstageVolume({ volume_id: id, staging_target_path });
    },
  };
}

describe("a mounted volume", () => {
  it("keeps what one pod wrote for the next, and is gone with its data when deleted", async () => {
    const id = await create("pvc-1");
    const first = await publish(id);
    await writeFile(join(first.target, "greeting"), "hello");
    await first.undo();
    expect(existsSync(first.target)).toBe(false);
    const second = await publish(id, mountWriter, "b");
    expect(await readFile(join(second.target, "greeting"), "utf8")).toBe("hello");
    await expect(controller().deleteVolume({ volume_id: id })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
    });
    await second.undo();
    await controller().deleteVolume({ volume_id: id });
    expect(existsSync(join(home, "state/data/volumes", id))).toBe(false);
  });

  it("published read-only takes no writes and is not given out writable at the same place", async () => {
    const id = await create("pvc-1");
    const first = await publish(id);
    const request = {
      volume_id: id,
      volume_capability: mountWriter,
      staging_target_path: join(home, `staging-${id}`),
      target_path: join(home, "pods/ro"),
    };
    await node().nodePublishVolume({ ...request, readonly: true });
    await expect(writeFile(join(home, "pods/ro/x"), "x")).rejects.toMatchObject({ code: "EROFS" });
    await expect(node().nodePublishVolume(request)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    await node().nodeUnpublishVolume({ volume_id: id, target_path: request.target_path });
    await first.undo();
  });

  it("counts what is in it against what was asked for", async () => {
    const id = await create("pvc-1");
    const published = await publish(id);
    await writeFile(join(published.target, "x"), Buffer.alloc(65_536));
    const { usage } = await node().nodeGetVolumeStats({ volume_id: id, volume_path: published.target });
    const bytes = usage.find(({ unit }) => unit === "BYTES")!;
    expect(Number(bytes.used)).toBeGreaterThanOrEqual(65_536);
    expect(bytes.total).toBe("1048576");
    await published.undo();
  });

  it("cannot be published before it is staged", async () => {
    const id = await create("pvc-1");
    await expect(
      node().nodePublishVolume({
        volume_id: id,
        volume_capability: mountWriter,
        staging_target_path: join(home, "nowhere"),
        target_path: join(home, "pods/a"),
      }),
    ).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });
});

describe("a copy", () => {
  it("through a snapshot holds what was there when it was cut", async () => {
    const id = await create("pvc-1");
    const published = await publish(id);
    await writeFile(join(published.target, "x"), "before");
    const { snapshot } = await controller().createSnapshot({ name: "s", source_volume_id: id });
    await writeFile(join(published.target, "x"), "after");
    await published.undo();
    const { volume } = await controller().createVolume({
      name: "copy",
      volume_capabilities: [mountWriter],
      volume_content_source: { snapshot: { snapshot_id: snapshot!.snapshot_id } },
    });
    const copy = await publish(volume!.volume_id);
    expect(await readFile(join(copy.target, "x"), "utf8")).toBe("before");
    await copy.undo();
  });
});

describe("a block volume", () => {
  it("is a device of its size, grows while in use, and leaves no loop device behind", async () => {
    const id = await create("pvc-b", blockWriter);
    const published = await publish(id, blockWriter);
    expect((await stat(published.target)).isBlockDevice()).toBe(true);
    const image = join(home, "state/data/volumes", id, "image");
    const size = async () => {
      const { rdev } = await stat(published.target);
      return Number(await readFile(`/sys/dev/block/${rdev >> 8}:${rdev & 0xff}/size`, "utf8")) * 512;
    };
    expect(await size()).toBe(1_048_576);
    const grown = { volume_id: id, capacity_range: { required_bytes: "2097152" } };
    expect((await controller().controllerExpandVolume(grown)).node_expansion_required).toBe(true);
    await node().nodeExpandVolume({ volume_id: id, volume_path: published.target });
    expect(await size()).toBe(2_097_152);
    await published.undo();
    const { listLoops } = await import("@berth/plugin-csi-hostpath/backend/loop-devices.ts");
    expect((await listLoops()).has(image)).toBe(false);
    await controller().deleteVolume({ volume_id: id });
  });
});

describe("an inline volume", () => {
  it("lives from publish to unpublish", async () => {
    const target_path = join(home, "pods/inline");
    await node().nodePublishVolume({
      volume_id: "csi-0123",
      target_path,
      volume_capability: mountWriter,
      volume_context: { "csi.storage.k8s.io/ephemeral": "true" },
    });
    await writeFile(join(target_path, "x"), "x");
    for (let time = 0; time < 2; time++)
      await node().nodeUnpublishVolume({ volume_id: "csi-0123", target_path });
    expect(existsSync(join(home, "state/data/volumes/csi-0123"))).toBe(false);
  });

  it("with a path for an id is refused", async () => {
    await expect(
      node().nodePublishVolume({
        volume_id: "../../etc",
        target_path: join(home, "pods/inline"),
        volume_capability: mountWriter,
        volume_context: { "csi.storage.k8s.io/ephemeral": "true" },
      }),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("after a restart", () => {
  it("mounts are still known, and those the node forgot are released", async () => {
    const id = await create("pvc-1");
    await publish(id);
    await started.stop();
    started = await startForTest(plugin, { stateDirectory: join(home, "state") });
    const life = started.client(services.plugin);
    const { held } = await life.synchronize({ still_valid: [{ kind: "volume", id }], authoritative: true });
    expect(held.map((holding) => holding.id)).toEqual([id, id]);
    const { released } = await life.synchronize({ authoritative: true });
    expect(released).toHaveLength(2);
    const { entries } = await controller().listVolumes({});
    expect(entries.map(({ volume }) => volume?.volume_id)).toEqual([id]);
  });
});
