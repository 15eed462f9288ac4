import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type {
  ConfigMap,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../../core/api/index.ts";
import { clientOf, resources, waitFor } from "../../core/client/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";

let plane: TestControlPlane;
const scope = { namespace: "default" };

beforeEach(async () => {
  plane = await startControlPlane();
});
afterEach(() => plane.dispose());

describe("a node", () => {
  it("is closed to pods from its first moment until it is ready, and closed again when it no longer is", async () => {
    const nodes = clientOf(plane.admin, resources.nodes);
    const own = { key: "example.com/mine", effect: "NoSchedule" as const };
    const closed = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
    const head = { apiVersion: "v1", kind: "Node", metadata: { name: "new" } };
    expect((await nodes.create({ ...head, spec: { taints: [own] } })).spec?.taints).toEqual([own, closed]);
    const say = (status: string): Promise<unknown> => {
      const conditions = [{ type: "Ready", status, reason: "Kubelet", message: "" }];
      return nodes.patch("new", "merge", { status: { conditions } }, { subresource: "status" });
    };
    const tainted = (count: number): Promise<unknown> =>
      waitFor(nodes, "new", (one) => one?.spec?.taints?.length === count);
    await say("True");
    await tainted(1);
    expect((await nodes.get("new")).spec?.taints).toEqual([own]);
    await say("False");
    await tainted(3);
    // Who comes again with the taint already there is given no second one.
    const again = { ...head, metadata: { name: "again" }, spec: { taints: [closed] } } as Node;
    expect((await nodes.create(again)).spec?.taints).toEqual([closed]);
  });
});

describe("a namespace", () => {
  it("is given its account and the root certificate, and again when somebody takes them away", async () => {
    const accounts = clientOf(plane.admin, resources.serviceAccounts);
    const maps = clientOf(plane.admin, resources.configMaps);
    const first = await waitFor(accounts, "default", Boolean, scope);
    const map = await waitFor(maps, "kube-root-ca.crt", Boolean, scope);
    expect(map?.data?.["ca.crt"]).toContain("BEGIN CERTIFICATE");
    await accounts.delete("default", scope);
    await maps.delete("kube-root-ca.crt", scope);
    await waitFor(
      accounts,
      "default",
      (one) => one !== undefined && one.metadata.uid !== first?.metadata.uid,
      scope,
    );
    await waitFor(
      maps,
      "kube-root-ca.crt",
      (one) => one !== undefined && one.metadata.uid !== map?.metadata.uid,
      scope,
    );
  });

  it("goes with everything in it, and not before", async () => {
    const namespaces = clientOf(plane.admin, resources.namespaces);
    const maps = clientOf(plane.admin, resources.configMaps);
    await namespaces.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" }, spec: {} });
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, {
      namespace: "shop",
    });
    const held: ConfigMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "held", namespace: "shop", finalizers: ["example.com/hold"] },
    };
    await maps.create(held, { namespace: "shop" });
    await namespaces.delete("shop");
    const waiting = await waitFor(namespaces, "shop", (one) =>
      Boolean(one?.status?.conditions?.some(({ type }) => type === "NamespaceContentRemaining")),
    );
    const told = waiting?.status?.conditions?.map(({ type, status, message }) => [type, status, message]);
    expect(told).toEqual(
      expect.arrayContaining([
        [
          "NamespaceContentRemaining",
          "True",
          "Some resources are remaining: configmaps. has 1 resource instances",
        ],
        [
          "NamespaceFinalizersRemaining",
          "True",
          "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
        ],
        [
          "NamespaceDeletionContentFailure",
          "False",
          "All content successfully deleted, may be waiting on finalization",
        ],
      ]),
    );
    await maps.patch("held", "merge", { metadata: { finalizers: null } }, { namespace: "shop" });
    await waitFor(namespaces, "shop", (one) => one === undefined);
    expect((await maps.list({ namespace: "shop" })).items).toEqual([]);
  });

  it("keeps what its pods may need until the last of them is gone", async () => {
    const namespaces = clientOf(plane.admin, resources.namespaces);
    const maps = clientOf(plane.admin, resources.configMaps);
    const pods = clientOf(plane.admin, resources.pods);
    const namespace = "bazaar";
    await namespaces.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, spec: {} });
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, { namespace });
    await maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "needed", namespace } });
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "slow", namespace, finalizers: ["example.com/hold"] },
      spec: { containers: [{ name: "main", image: "example.com/any:1" }] },
    };
    await pods.create(pod, { namespace });
    await namespaces.delete(namespace);
    await waitFor(namespaces, namespace, (one) =>
      Boolean(one?.status?.conditions?.some(({ message }) => message?.includes("pods. has 1"))),
    );
    expect((await maps.get("needed", { namespace })).metadata.deletionTimestamp).toBeUndefined();
    await pods.patch("slow", "merge", { metadata: { finalizers: null } }, { namespace });
    await waitFor(namespaces, namespace, (one) => one === undefined);
    expect((await maps.list({ namespace })).items).toEqual([]);
  });
});

describe("claims and volumes", () => {
  const claim = (name: string, storageClassName = ""): PersistentVolumeClaim => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default" },
    spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const volume = (name: string, storage: string): PersistentVolume => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path: `/tmp/${name}` },
    },
  });

  it("come together by the smallest volume that is large enough, and part when the claim goes", async () => {
    const claims = clientOf(plane.admin, resources.claims);
    const volumes = clientOf(plane.admin, resources.volumes);
    await volumes.create(volume("large", "10Gi"));
    await volumes.create(volume("small", "512Mi"));
    await volumes.create(volume("right", "2Gi"));
    await waitFor(volumes, "right", (one) => one?.status?.phase === "Available");
    await claims.create(claim("data"), scope);
    const bound = await waitFor(claims, "data", (one) => one?.status?.phase === "Bound", scope);
    expect(bound?.spec.volumeName).toBe("right");
    expect(bound?.status?.capacity).toEqual({ storage: "2Gi" });
    await waitFor(volumes, "right", (one) => one?.status?.phase === "Bound");
    await claims.delete("data", scope);
    await waitFor(volumes, "right", (one) => one?.status?.phase === "Released");
    await waitFor(claims, "data", (one) => one === undefined, scope);
  });

  it("never give one volume to two claims", async () => {
    const claims = clientOf(plane.admin, resources.claims);
    for (const name of ["a", "b", "c"]) await claims.create(claim(name), scope);
    await clientOf(plane.admin, resources.volumes).create(volume("only", "1Gi"));
    await clientOf(plane.admin, resources.volumes).create(volume("other", "1Gi"));
    const names = new Set<string>();
    while (names.size < 2) {
      for (const { status, spec } of (await claims.list(scope)).items) {
        if (status?.phase === "Bound") names.add(spec.volumeName ?? "");
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { items } = await claims.list(scope);
    expect(items.filter(({ status }) => status?.phase === "Bound")).toHaveLength(2);
  });

  it("are protected while a pod uses them", async () => {
    const claims = clientOf(plane.admin, resources.claims);
    const pods = clientOf(plane.admin, resources.pods);
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
    await clientOf(plane.admin, resources.volumes).create(volume("one", "1Gi"));
    await claims.create(claim("data"), scope);
    await waitFor(
      claims,
      "data",
      (one) => one?.metadata.finalizers?.includes("kubernetes.io/pvc-protection") ?? false,
      scope,
    );
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "user", namespace: "default" },
      spec: {
        containers: [{ name: "main", image: "busybox" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    };
    await plane.addNode("node");
    await pods.create(pod, scope);
    await waitFor(pods, "user", (one) => one?.spec.nodeName === "node", scope);
    await claims.delete("data", scope);
    expect((await claims.get("data", scope)).metadata.deletionTimestamp).toBeDefined();
    await pods.delete("user", { ...scope, gracePeriodSeconds: 0 });
    await waitFor(claims, "data", (one) => one === undefined, scope);
  });

  it("wait for their first consumer's node, then for the driver of their class", async () => {
    const late: StorageClass = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "late" },
      provisioner: "hostpath.csi.berth.dev",
      volumeBindingMode: "WaitForFirstConsumer",
    };
    const claims = clientOf(plane.admin, resources.claims);
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
    await clientOf(plane.admin, resources.storageClasses).create(late);
    await claims.create(claim("data", "late"), scope);
    await waitFor(claims, "data", (one) => one?.status?.phase === "Pending", scope);
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "user", namespace: "default" },
      spec: {
        containers: [{ name: "main", image: "busybox" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }],
      },
    };
    await clientOf(plane.admin, resources.pods).create(pod, scope);
    const waiting = "waiting for pod user to be scheduled";
    await expect
      .poll(async () => (await clientOf(plane.admin, resources.events).list(scope)).items, {
        timeout: 60_000,
      })
      .toContainEqual(
        expect.objectContaining({ reason: "WaitForPodScheduled", message: waiting, type: "Normal" }),
      );
    await plane.addNode("node");
    const asked = await waitFor(
      claims,
      "data",
      (one) => one?.metadata.annotations?.["volume.kubernetes.io/storage-provisioner"] !== undefined,
      scope,
    );
    expect(asked?.metadata.annotations).toMatchObject({
      "volume.kubernetes.io/selected-node": "node",
      "volume.kubernetes.io/storage-provisioner": "hostpath.csi.berth.dev",
    });
  });
});

describe("garbage", () => {
  it("goes when its last owner does, down the whole chain", async () => {
    const maps = clientOf(plane.admin, resources.configMaps);
    const make = (name: string, owners: ConfigMap[]): Promise<ConfigMap> =>
      maps.create(
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: {
            name,
            namespace: "default",
            ownerReferences: owners.map(({ metadata }) => ({
              apiVersion: "v1",
              kind: "ConfigMap",
              name: metadata.name,
              uid: metadata.uid ?? "",
            })),
          },
        },
        scope,
      );
    const one = await make("one", []);
    const two = await make("two", []);
    const child = await make("child", [one, two]);
    await make("grandchild", [child]);
    await maps.delete("one", scope);
    const left = await waitFor(maps, "child", (map) => map?.metadata.ownerReferences?.length === 1, scope);
    expect(left?.metadata.ownerReferences?.[0]?.name).toBe("two");
    await maps.delete("two", scope);
    await waitFor(maps, "grandchild", (map) => map === undefined, scope);
  });
});
