import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { silentLogger, systemClock } from "@berth/base";

import type {
  Event,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../../core/api/index.ts";
import { openCheckpoint } from "../../core/checkpoint/sqlite-checkpoint.ts";
import {
  clientOf,
  createEventRecorder,
  type ResourceClient,
  resources,
  waitFor,
} from "../../core/client/index.ts";
import { leaseElections, soleCandidate } from "../../core/client/elections.ts";
import { ClaimReader, type CsiVolume } from "../../core/kubelet/volumes/csi-claim.ts";
import { VolumeControllers } from "../../core/volumes/volume-controllers.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { FakeCsiDriver, FakeCsiDrivers } from "../support/fake-csi-drivers.ts";

const scope = { namespace: "default" };
const driverName = "csi.example";
let plane: TestControlPlane;
let claims: ResourceClient<PersistentVolumeClaim>;
let volumes: ResourceClient<PersistentVolume>;
let drivers: FakeCsiDrivers;
let checkpointPath: string;

beforeEach(async () => {
  plane = await startControlPlane();
  claims = clientOf(plane.admin, resources.claims);
  volumes = clientOf(plane.admin, resources.volumes);
  drivers = new FakeCsiDrivers();
  const folder = mkdtempSync(join(tmpdir(), "berth-volumes-"));
  plane.stack.defer(folder, () => rmSync(folder, { recursive: true }));
  checkpointPath = join(folder, "checkpoint.db");
});
afterEach(() => plane.dispose());

interface Life {
  stop: () => Promise<void>;
  unfinished: () => number;
}

/** One life of the volume controllers of a node; `stop` ends it early. */
async function live(node = { drivers, checkpointPath, elections: soleCandidate }): Promise<Life> {
  const checkpoint = openCheckpoint(node.checkpointPath);
  plane.stack.defer("checkpoint", () => checkpoint.close());
  const api = await plane.api.client("in-process", "system:kube-controller-manager", []);
  const parts = { api, clock: systemClock, logger: silentLogger };
  const events = plane.stack.use(createEventRecorder({ ...parts, client: api, component: "volumes" }));
  const controllers = new VolumeControllers({ ...parts, ...node, events, checkpoint });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await controllers.dispose();
    checkpoint.close();
  };
  plane.stack.defer("volume controllers", stop);
  await controllers.start();
  return { stop, unfinished: () => checkpoint.intents.unfinished().length };
}

function storageClass(change: Partial<StorageClass> = {}): Promise<StorageClass> {
  return clientOf(plane.admin, resources.storageClasses).create({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "fast" },
    provisioner: driverName,
    ...change,
  });
}

function claim(name: string): Promise<PersistentVolumeClaim> {
  return claims.create(
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "default" },
      spec: {
        storageClassName: "fast",
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
      },
    },
    scope,
  );
}

async function csiNode(name: string, nodeID: string): Promise<void> {
  const spec = { drivers: [{ name: driverName, nodeID }] };
  const head = { apiVersion: "storage.k8s.io/v1", kind: "CSINode", metadata: { name } };
  await clientOf(plane.admin, resources.csiNodes).create({ ...head, spec });
}

const bound = (name: string) => waitFor(claims, name, (one) => one?.status?.phase === "Bound", scope);

async function eventAbout(name: string, reason: string): Promise<Event> {
  const events = plane.admin.resource<Event>({
    group: "",
    version: "v1",
    resource: "events",
    namespaced: true,
  });
  for await (const seen of events.watch({ ...scope, resourceVersion: "0" })) {
    if (seen.type === "BOOKMARK" || seen.object.involvedObject.name !== name) continue;
    if (seen.object.reason === reason) return seen.object;
  }
  throw new Error("the watch ended");
}

describe("a claim of a class with a driver", () => {
  it("gets a volume of its own, which goes with it", async () => {
    const driver = new FakeCsiDriver(driverName);
    drivers.add(driver);
    await storageClass();
    const { unfinished } = await live();
    const { metadata } = await claim("data");
    const done = await bound("data");
    expect(done?.spec.volumeName).toBe(`pvc-${metadata.uid}`);
    expect(done?.status?.capacity).toEqual({ storage: "1Gi" });
    expect(driver.volumes.size).toBe(1);
    expect(unfinished()).toBe(0);
    await claims.delete("data", scope);
    await waitFor(volumes, `pvc-${metadata.uid}`, (one) => one === undefined);
    expect(driver.volumes.size).toBe(0);
  });

  it("keeps what was made for it when the class says Retain", async () => {
    const driver = new FakeCsiDriver(driverName);
    drivers.add(driver);
    await storageClass({ reclaimPolicy: "Retain" });
    await live();
    await claim("data");
    const { spec } = (await bound("data"))!;
    await claims.delete("data", scope);
    await waitFor(volumes, spec.volumeName!, (one) => one?.status?.phase === "Released");
    expect(driver.volumes.size).toBe(1);
    await volumes.delete(spec.volumeName!);
    await waitFor(volumes, spec.volumeName!, (one) => one === undefined);
    expect(driver.volumes.size).toBe(1);
  });

  it("is told in plain words why its driver failed, however the driver puts it", async () => {
    const driver = new FakeCsiDriver(driverName);
    const detail = "mount pool: mount pool: rpc error: code = Unknown desc = Unknown";
    driver.failWith = { verb: "CreateVolume", code: "UNKNOWN", detail };
    drivers.add(driver);
    await storageClass();
    await live();
    await claim("data");
    const { message } = await eventAbout("data", "ProvisioningFailed");
    expect(message).toMatch(/mount pool: no reason was given$/);
    const events = await plane.admin
      .resource<Event>({ group: "", version: "v1", resource: "events", namespaced: true })
      .list(scope);
    for (const event of events.items) {
      expect(event.message).not.toMatch(/unknown/i);
      expect(event.message).not.toMatch(/\b(\w[\w ]+): \1: /);
    }
  });

  it("is told that no plugin provides the driver, and served as soon as one does", async () => {
    await storageClass();
    await live();
    await claim("data");
    const { message } = await eventAbout("data", "ProvisioningWaiting");
    expect(message).toBe(
      `waiting for driver "${driverName}": no plugin provides it; install one or correct storageclass.provisioner`,
    );
    drivers.add(new FakeCsiDriver(driverName));
    await bound("data");
  });

  it("is told the driver's own words when it refuses, and served when it no longer does", async () => {
    const driver = new FakeCsiDriver(driverName);
    driver.failWith = { verb: "CreateVolume", code: "RESOURCE_EXHAUSTED", detail: "the pool is full" };
    drivers.add(driver);
    await storageClass();
    const { unfinished } = await live();
    await claim("data");
    expect((await eventAbout("data", "ProvisioningFailed")).message).toContain("the pool is full");
    expect(unfinished()).toBe(0);
    driver.failWith = undefined;
    await bound("data");
  });

  it("gets one volume and not two when the driver's answer is lost", async () => {
    const driver = new FakeCsiDriver(driverName);
    driver.loseAnswerOf = "CreateVolume";
    drivers.add(driver);
    await storageClass();
    const { unfinished } = await live();
    await claim("data");
    await bound("data");
    expect(driver.calls.filter((verb) => verb === "CreateVolume")).toHaveLength(2);
    expect(driver.volumes.size).toBe(1);
    expect(unfinished()).toBe(0);
  });
});

describe("a volume that was being made when everything stopped", () => {
  it("is found again and deleted when its claim went meanwhile", async () => {
    const driver = new FakeCsiDriver(driverName);
    driver.loseAnswerOf = "CreateVolume";
    drivers.add(driver);
    await storageClass();
    const first = await live();
    const { metadata } = await claim("data");
    await eventAbout("data", "ProvisioningFailed");
    driver.ready = false;
    await first.stop();
    await claims.delete("data", scope);
    await waitFor(claims, "data", (one) => one === undefined, scope);
    expect(driver.volumes.size).toBe(1);
    driver.ready = true;
    const second = await live();
    while (second.unfinished() > 0) await new Promise((resolve) => setImmediate(resolve));
    await waitFor(volumes, `pvc-${metadata.uid}`, (one) => one === undefined);
    expect(driver.volumes.size).toBe(0);
  });
});

describe("a bound claim", () => {
  it("grows when it asks for more and its class allows it", async () => {
    drivers.add(new FakeCsiDriver(driverName));
    await storageClass({ allowVolumeExpansion: true });
    await live();
    await claim("data");
    await bound("data");
    await claims.patch("data", "merge", { spec: { resources: { requests: { storage: "3Gi" } } } }, scope);
    const grown = await waitFor(claims, "data", (one) => one?.status?.capacity?.["storage"] === "3Gi", scope);
    expect((await volumes.get(grown?.spec.volumeName ?? "")).spec.capacity).toEqual({ storage: "3Gi" });
  });

  it("has its volume attached while a pod uses it, by drivers that attach", async () => {
    const driver = new FakeCsiDriver(driverName, ["CREATE_DELETE_VOLUME", "PUBLISH_UNPUBLISH_VOLUME"]);
    drivers.add(driver);
    await storageClass();
    await live();
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
    await plane.addNode("one");
    await csiNode("one", "id-of-one");
    await claim("data");
    const used = { name: "data", persistentVolumeClaim: { claimName: "data" } };
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "user", namespace: "default" },
      spec: {
        containers: [{ name: "main", image: "busybox" }],
        volumes: [used],
      },
    };
    const pods = clientOf(plane.admin, resources.pods);
    await pods.create(pod, scope);
    await waitFor(pods, "user", (one) => one?.spec.nodeName === "one", scope);
    const attachments = clientOf(plane.admin, resources.volumeAttachments);
    let name = "";
    while (name === "") {
      const { items } = await attachments.list();
      name = items.find(({ status }) => status?.attached)?.metadata.name ?? "";
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([...driver.published]).toEqual(["vol-1 id-of-one"]);
    // Its node learns what the driver said, from objects that no other node may read.
    const asNode = async (node: string): Promise<ClaimReader> =>
      new ClaimReader(await plane.api.client("in-process", `system:node:${node}`, ["system:nodes"]));
    const own = await asNode("one");
    const volume = (await own.read(pod, used)) as CsiVolume;
    expect(await own.publishContext(volume, "one")).toEqual({ device: "/dev/fake" });
    const other = await asNode("two");
    await expect(other.read(pod, used)).rejects.toThrow("forbidden");
    await expect(other.publishContext(volume, "one")).rejects.toThrow("forbidden");
    await expect(other.publishContext(volume, "two")).rejects.toThrow("is not attached to the node yet");
    await pods.delete("user", { ...scope, gracePeriodSeconds: 0 });
    await waitFor(attachments, name, (one) => one === undefined);
    expect(driver.published.size).toBe(0);
  });
});

describe("a driver that two nodes host", () => {
  const place = "example.com/place";
  const provisioner = "volume.kubernetes.io/storage-provisioner";

  /** A node with the driver, whose volumes are reached from its place, or from everywhere. */
  async function host(node: string, segments = {}): Promise<{ driver: FakeCsiDriver; life: Life }> {
    const driver = new FakeCsiDriver(driverName, undefined, segments);
    const own = new FakeCsiDrivers();
    own.add(driver);
    await plane.addNode(node);
    await csiNode(node, node);
    const elections = leaseElections({ identity: node, clock: systemClock, logger: silentLogger });
    const folder = mkdtempSync(join(tmpdir(), "berth-volumes-"));
    plane.stack.defer(folder, () => rmSync(folder, { recursive: true }));
    const life = await live({ drivers: own, checkpointPath: join(folder, "checkpoint.db"), elections });
    return { driver, life };
  }

  const created = ({ driver }: { driver: FakeCsiDriver }): number =>
    driver.calls.filter((verb) => verb === "CreateVolume").length;

  it("makes each volume once, and goes on when the one that made them is gone", async () => {
    await storageClass();
    const [one, two] = [await host("one"), await host("two")];
    const names = Array.from({ length: 6 }, (_, index) => `data-${index}`);
    await Promise.all(names.map(claim));
    await Promise.all(names.map(bound));
    expect([created(one), created(two)].toSorted((a, b) => a - b)).toEqual([0, 6]);
    const [leader, other] = created(one) > 0 ? [one, two] : [two, one];
    await leader.life.stop();
    await claim("late");
    await bound("late");
    expect([created(leader), created(other)]).toEqual([6, 1]);
  });

  it("makes and deletes a volume where its first pod is, and on no other node", async () => {
    await storageClass({ volumeBindingMode: "WaitForFirstConsumer" });
    const one = await host("one", { [place]: "a" });
    const two = await host("two", { [place]: "b" });
    const annotations = { "volume.kubernetes.io/selected-node": "two" };
    await claim("data");
    await claims.patch("data", "merge", { metadata: { annotations } }, scope);
    await waitFor(claims, "data", (one) => one?.metadata.annotations?.[provisioner] !== undefined, scope);
    for (const [node, at] of [
      ["one", "a"],
      ["two", "b"],
    ] as const)
      await clientOf(plane.admin, resources.nodes).patch(node, "merge", {
        metadata: { labels: { [place]: at } },
      });
    const { spec } = (await bound("data"))!;
    expect((await volumes.get(spec.volumeName!)).spec.nodeAffinity?.required?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: place, operator: "In", values: ["b"] }] },
    ]);
    await claims.delete("data", scope);
    await waitFor(volumes, spec.volumeName!, (one) => one === undefined);
    expect([one.driver.calls, two.driver.calls]).toEqual([[], ["CreateVolume", "DeleteVolume"]]);
  });
});
