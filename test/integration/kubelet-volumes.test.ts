import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindMount, isMountPoint, listMountsUnder, unmount } from "@berth/linux";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PersistentVolume, PersistentVolumeClaim, Pod } from "../../core/api/index.ts";
import type { ApiClient } from "../../core/client/index.ts";
import { ApiError } from "../../core/client/index.ts";
import { writeVolumeFiles } from "../../core/kubelet/volumes/atomic-writer.ts";
import { ClaimReader } from "../../core/kubelet/volumes/csi-claim.ts";
import { CsiVolumes } from "../../core/kubelet/volumes/csi-volumes.ts";
import { EmptyDirVolumes } from "../../core/kubelet/volumes/empty-dir.ts";
import { HostPathVolumes } from "../../core/kubelet/volumes/host-path.ts";
import { NodeVolumes } from "../../core/kubelet/volumes/node-volumes.ts";
import { SubPaths } from "../../core/kubelet/volumes/sub-paths.ts";
import { VolumeLayout } from "../../core/kubelet/volumes/volume-layout.ts";
import { tailOffset } from "../../core/kubelet/logs/log-tail.ts";
import { type CsiDriver, VerbError } from "../../core/pluginhost/contracts/index.ts";

let root: string;
let layout: VolumeLayout;
const signal = new AbortController().signal;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "berth-volumes-"));
  layout = new VolumeLayout(root);
});

afterEach(async () => {
  const left = listMountsUnder(root);
  for (const mount of left) unmount(mount.target, { lazy: true });
  await rm(root, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`left mounted: ${left.map(({ target }) => target).join(", ")}`);
});

const pod = (uid: string, spec: Partial<NonNullable<Pod["spec"]>> = {}): Pod => ({
  metadata: { name: `pod-${uid}`, namespace: "default", uid },
  spec: { containers: [], ...spec },
});

/** A driver that mounts a folder of its own, and keeps CSI's promise that a repeated call changes nothing. */
function makeDriver(data: string) {
  const calls: string[] = [];
  const driver = {
    name: "fake.csi",
    plugin: "fake@1",
    ready: true,
    nodeId: "one",
    topology: {},
    maxVolumesPerNode: 0,
    nodeCapabilities: new Set(["STAGE_UNSTAGE_VOLUME"]),
    pluginCapabilities: new Set(),
    controller: undefined,
    node: {
      nodeStageVolume: async (request: { volume_id: string; staging_target_path: string }) => {
        calls.push(`stage ${request.volume_id}`);
        if (!isMountPoint(request.staging_target_path)) bindMount(data, request.staging_target_path);
        return {};
      },
      nodePublishVolume: async (request: {
        volume_id: string;
        staging_target_path: string;
        target_path: string;
        readonly: boolean;
      }) => {
        calls.push(`publish ${request.volume_id}${request.readonly ? " ro" : ""}`);
        await mkdir(request.target_path, { recursive: true });
        if (!isMountPoint(request.target_path)) bindMount(request.staging_target_path, request.target_path);
        return {};
      },
      nodeUnpublishVolume: async (request: { volume_id: string; target_path: string }) => {
        calls.push(`unpublish ${request.volume_id}`);
        unmount(request.target_path);
        return {};
      },
      nodeUnstageVolume: async (request: { volume_id: string; staging_target_path: string }) => {
        calls.push(`unstage ${request.volume_id}`);
        unmount(request.staging_target_path);
        return {};
      },
    },
  };
  return { calls, driver, contract: driver as unknown as CsiDriver };
}

function makeVolumes(
  drivers: CsiDriver[],
  claims: Record<string, PersistentVolumeClaim>,
  volumes: Record<string, PersistentVolume>,
): NodeVolumes {
  const get = (objects: Record<string, unknown>) => async (name: string) => {
    const found = objects[name];
    if (!found) throw new ApiError(404, "NotFound", `no ${name}`);
    return found;
  };
  const client = {
    resource: ({ resource }: { resource: string }) => ({
      get: get(resource === "persistentvolumeclaims" ? claims : volumes),
      list: async () => ({ items: [] }),
    }),
  } as unknown as ApiClient;
  return new NodeVolumes({
    layout,
    kinds: [new EmptyDirVolumes(layout), new HostPathVolumes()],
    subPaths: new SubPaths(layout),
    csi: new CsiVolumes({
      drivers: {
        driver: (name) => drivers.find((one) => one.name === name),
        list: () => drivers,
        onDidChange: () => ({ label: "", dispose() {} }),
      },
      claims: new ClaimReader(client),
      sources: { configMap: async () => undefined, secret: async () => undefined },
      layout,
      nodeName: "one",
    }),
  });
}

const boundClaim: PersistentVolumeClaim = {
  metadata: { name: "data", namespace: "default" },
  spec: { volumeName: "pv-1", accessModes: ["ReadWriteOnce"] },
  status: { phase: "Bound" },
};
const volume: PersistentVolume = {
  metadata: { name: "pv-1" },
  spec: { accessModes: ["ReadWriteOnce"], csi: { driver: "fake.csi", volumeHandle: "vol-1" } },
};
const claimed = { volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] };

describe("a CSI volume", () => {
  it("is staged once for all pods of the node, and unstaged after the last of them", async () => {
    const data = join(root, "data");
    await mkdir(data);
    const { calls, contract } = makeDriver(data);
    const volumes = makeVolumes([contract], { data: boundClaim }, { "pv-1": volume });
    await volumes.mount(pod("a", claimed), signal);
    await volumes.mount(pod("b", claimed), signal);
    await writeFile(join(volumes.mounted("a", "d")!.path, "file"), "kept");
    expect(await readFile(join(volumes.mounted("b", "d")!.path, "file"), "utf8")).toBe("kept");
    await volumes.unmount("a");
    expect(calls).not.toContain("unstage vol-1");
    await volumes.unmount("b");
    expect(calls.slice(-2)).toEqual(["unpublish vol-1", "unstage vol-1"]);
    expect(await readFile(join(data, "file"), "utf8")).toBe("kept");
    expect(await readdir(join(root, "plugins/kubernetes.io/csi/fake.csi"))).toEqual([]);
  });

  it("is left as it is when the node comes back, and taken away by one that never mounted it", async () => {
    const data = join(root, "data");
    await mkdir(data);
    const { calls, contract } = makeDriver(data);
    await makeVolumes([contract], { data: boundClaim }, { "pv-1": volume }).mount(pod("a", claimed), signal);
    const before = calls.length;
    await makeVolumes([contract], { data: boundClaim }, { "pv-1": volume }).mount(pod("a", claimed), signal);
    expect(calls.length).toBe(before);
    await makeVolumes([contract], {}, {}).unmount("a");
    expect(calls.slice(-2)).toEqual(["unpublish vol-1", "unstage vol-1"]);
  });

  it("is taken away although its publishing failed half-way", async () => {
    const data = join(root, "data");
    await mkdir(data);
    const { calls, contract, driver } = makeDriver(data);
    driver.node.nodePublishVolume = () =>
      Promise.reject(new VerbError("fake", "INTERNAL", "disk on fire", { retryable: true }));
    const volumes = makeVolumes([contract], { data: boundClaim }, { "pv-1": volume });
    await expect(volumes.mount(pod("a", claimed), signal)).rejects.toThrow(
      'MountVolume.SetUp failed for volume "d": fake: INTERNAL: disk on fire',
    );
    await volumes.unmount("a");
    expect(calls).toEqual(["stage vol-1", "unpublish vol-1", "unstage vol-1"]);
  });

  it.each([
    [
      "no driver",
      [] as CsiDriver[],
      { data: boundClaim },
      'no plugin on this node offers the CSI driver "fake.csi"',
    ],
    ["no claim", [], {}, 'persistentvolumeclaim "data" not found'],
    [
      "an unbound claim",
      [],
      { data: { ...boundClaim, status: { phase: "Pending" as const } } },
      'persistentvolumeclaim "data" has no volume yet',
    ],
  ])("with %s says what it waits for", async (_title, drivers, claims, message) => {
    await expect(
      makeVolumes(drivers, claims, { "pv-1": volume }).mount(pod("a", claimed), signal),
    ).rejects.toThrow(message);
  });
});

describe("a pod's folder", () => {
  it("is never deleted through a mount that is still there", async () => {
    const precious = join(root, "precious");
    await mkdir(precious);
    await writeFile(join(precious, "file"), "kept");
    const target = layout.volume("a", "kubernetes.io~other", "x");
    await mkdir(target, { recursive: true });
    bindMount(precious, target);
    await expect(makeVolumes([], {}, {}).unmount("a")).rejects.toThrow("is still mounted");
    expect(await readFile(join(precious, "file"), "utf8")).toBe("kept");
    unmount(target);
  });
});

describe("an emptyDir", () => {
  it("in memory is bounded, belongs to the pod's group and is gone with the pod", async () => {
    const volumes = makeVolumes([], {}, {});
    const spec = {
      securityContext: { fsGroup: 4321 },
      volumes: [{ name: "m", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }],
    };
    await volumes.mount(pod("a", spec), signal);
    const { path } = volumes.mounted("a", "m")!;
    expect(isMountPoint(path)).toBe(true);
    expect((await stat(path)).gid).toBe(4321);
    await expect(writeFile(join(path, "big"), Buffer.alloc(2 << 20))).rejects.toThrow("ENOSPC");
    await volumes.unmount("a");
    expect(await stat(path).catch(() => undefined)).toBeUndefined();
  });
});

describe("a hostPath", () => {
  it("is made or refused as its type says", async () => {
    const volumes = makeVolumes([], {}, {});
    const of = (path: string, type: "Directory" | "DirectoryOrCreate") =>
      pod("a", { volumes: [{ name: "h", hostPath: { path: join(root, path), type } }] });
    await makeVolumes([], {}, {}).mount(of("made", "DirectoryOrCreate"), signal);
    expect((await stat(join(root, "made"))).isDirectory()).toBe(true);
    await expect(volumes.mount(of("absent", "Directory"), signal)).rejects.toThrow("is not a directory");
  });
});

describe("a sub path", () => {
  const request = (volumePath: string, subPath: string) => ({
    uid: "a",
    volumePath,
    volume: "v",
    container: "app",
    index: 0,
    subPath,
  });

  it("is made inside the volume and mounted from there", async () => {
    const volumePath = join(root, "volume");
    await mkdir(volumePath);
    const subPaths = new SubPaths(layout);
    const target = await subPaths.prepare(request(volumePath, "deep/er"));
    await writeFile(join(target, "file"), "x");
    expect(await readFile(join(volumePath, "deep/er/file"), "utf8")).toBe("x");
    expect(await subPaths.prepare(request(volumePath, "deep/er"))).toBe(target);
    subPaths.tearDown("a");
    expect(isMountPoint(target)).toBe(false);
  });

  it.each(["link", "link/inside", "../outside", "/etc"])(
    "never leads out of the volume: %s",
    async (subPath) => {
      const volumePath = join(root, "volume");
      await mkdir(volumePath);
      await mkdir(join(root, "outside"));
      await symlink(join(root, "outside"), join(volumePath, "link"));
      await expect(new SubPaths(layout).prepare(request(volumePath, subPath))).rejects.toThrow(
        /leads out of the volume|must be relative/,
      );
      expect(await readdir(join(root, "outside"))).toEqual([]);
    },
  );
});

describe("files from the API", () => {
  const file = (path: string, text: string, mode = 0o644) => ({ path, content: Buffer.from(text), mode });

  it("change all at once: a reader sees the old set or the new one", async () => {
    const target = join(root, "files");
    await writeVolumeFiles(target, [file("a", "1"), file("sub/b", "1"), file("gone", "1", 0o600)]);
    expect((await stat(join(target, "gone"))).mode & 0o777).toBe(0o600);
    const first = await readlink(join(target, "..data"));
    expect(
      await writeVolumeFiles(target, [file("a", "1"), file("sub/b", "1"), file("gone", "1", 0o600)]),
    ).toBe(false);
    expect(await readlink(join(target, "..data"))).toBe(first);
    await writeVolumeFiles(target, [file("a", "2"), file("sub/b", "2")]);
    expect(await readlink(join(target, "a"))).toBe("..data/a");
    expect(await readFile(join(target, "sub/b"), "utf8")).toBe("2");
    expect((await readdir(target)).filter((name) => !name.startsWith("..")).toSorted()).toEqual(["a", "sub"]);
    expect((await readdir(target)).filter((name) => name.startsWith("..")).length).toBe(2);
  });

  it.each(["../x", "/x", "a/../../x", "..data/x", ""])("stay inside: %j is refused", async (path) => {
    await expect(writeVolumeFiles(join(root, "files"), [file(path, "")])).rejects.toThrow(
      "is no path inside a volume",
    );
  });
});

describe("the end of a log", () => {
  it("is found by lines, parts of one counted once, across blocks", async () => {
    const path = join(root, "log");
    const time = "2026-01-01T00:00:00.000000001Z";
    const long = "x".repeat(100_000);
    const head = `${time} stdout F first\n`;
    const second = `${time} stdout P ${long}\n${time} stdout F end\n`;
    await writeFile(path, `${head}${second}${time} stdout F last\n`);
    expect(await tailOffset(path, 1)).toBe(head.length + second.length);
    expect(await tailOffset(path, 2)).toBe(head.length);
    expect([await tailOffset(path, 3), await tailOffset(path, 9)]).toEqual([0, 0]);
    expect(await tailOffset(path, 0)).toBe((await stat(path)).size);
  });
});
