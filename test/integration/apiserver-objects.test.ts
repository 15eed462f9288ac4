import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigMap, Namespace, Pod, Service } from "../../core/api/index.ts";
import { type ApiClient, ApiError, clientOf, resources } from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps", namespaced: true };
const services = { group: "", version: "v1", resource: "services", namespaced: true };
const accounts = { group: "", version: "v1", resource: "serviceaccounts", namespaced: true };

function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

function pod(name: string): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "main", image: "busybox" }] },
  };
}

async function refusal(work: Promise<unknown>): Promise<ApiError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe.each(["in-process", "https"] as const)("objects over %s", (transport) => {
  let api: TestApiServer;
  let client: ApiClient;
  const namespace = "default";

  beforeAll(async () => {
    api = await startTestApiServer();
    client = await api.client(transport);
    await client.resource(accounts).create({ metadata: { name: "default" } }, { namespace });
  });

  afterAll(() => api.dispose());

  test("a new object gets a uid, a time and a revision, and is read back as it was written", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    const made = await maps.create(configMap("fresh", { a: "1" }), { namespace });
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.metadata.creationTimestamp).toMatch(/Z$/);
    expect(await maps.get("fresh", { namespace })).toEqual(made);
  });

  test("a name that is taken is refused with 409 AlreadyExists", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    await maps.create(configMap("twice"), { namespace });
    const error = await refusal(maps.create(configMap("twice"), { namespace }));
    expect(error).toMatchObject({ code: 409, reason: "AlreadyExists" });
    expect(error.message).toBe('configmaps "twice" already exists');
  });

  test("of two updates with the same resourceVersion the second is a conflict and changes nothing", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    const made = await maps.create(configMap("raced"), { namespace });
    await maps.update({ ...made, data: { by: "first" } });
    const error = await refusal(maps.update({ ...made, data: { by: "second" } }));
    expect(error).toMatchObject({ code: 409, reason: "Conflict" });
    expect((await maps.get("raced", { namespace })).data).toEqual({ by: "first" });
  });

  test("a lease is changed only by who says which state he has seen; a map by anybody", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    const leases = clientOf(client, resources.leases);
    const seen = await maps.create(configMap("unseen"), { namespace });
    const lease = await leases.create({ metadata: { name: "seen" }, spec: {} }, { namespace });
    const { resourceVersion: _, ...metadata } = lease.metadata;
    const error = await refusal(leases.update({ ...lease, metadata }, { namespace }));
    expect(error).toMatchObject({ code: 422, reason: "Invalid" });
    expect(error.message).toBe(
      'leases.coordination.k8s.io "seen" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
    const { resourceVersion: _unsaid, ...rest } = seen.metadata;
    const changed = await maps.update({ ...seen, metadata: rest, data: { a: "1" } }, { namespace });
    expect(changed.data).toEqual({ a: "1" });
  });

  test("a change that changes nothing makes no new revision", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    const made = await maps.create(configMap("same", { a: "1" }), { namespace });
    const again = await maps.patch("same", "merge", { data: { a: "1" } }, { namespace });
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  test("each of three patch forms changes what it says and nothing else", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    await maps.create(configMap("patched", { keep: "1", drop: "1" }), { namespace });
    await maps.patch("patched", "merge", { data: { drop: null, merge: "1" } }, { namespace });
    await maps.patch("patched", "json", [{ op: "add", path: "/data/json", value: "1" }], { namespace });
    const last = await maps.patch("patched", "strategic", { data: { strategic: "1" } }, { namespace });
    expect(last.data).toEqual({ keep: "1", merge: "1", json: "1", strategic: "1" });
  });

  test("a rehearsal answers as the real thing would and stores nothing", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    const made = await maps.create(configMap("rehearsed"), { namespace, dryRun: true });
    expect(made.metadata.uid).toBeTruthy();
    expect(await refusal(maps.get("rehearsed", { namespace }))).toMatchObject({ code: 404 });
  });

  test("a pod is born pending with defaults, a QoS class and a token, whatever status it was sent with", async () => {
    const made = await clientOf(client, resources.pods).create(
      { ...pod("born"), status: { phase: "Running" } },
      { namespace },
    );
    expect(made.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
    expect(made.spec?.restartPolicy).toBe("Always");
    expect(made.spec?.serviceAccountName).toBe("default");
    expect(made.spec?.containers[0]?.volumeMounts?.[0]?.mountPath).toBe(
      "/var/run/secrets/kubernetes.io/serviceaccount",
    );
  });

  test("writing the status leaves the spec, and writing the object leaves the status", async () => {
    const pods = clientOf(client, resources.pods);
    await pods.create(pod("split"), { namespace });
    const status = { status: { phase: "Running" }, spec: { nodeName: "stolen" } };
    const running = await pods.patch("split", "merge", status, { namespace, subresource: "status" });
    expect(running.spec?.nodeName).toBeUndefined();
    const labelled = await pods.patch(
      "split",
      "merge",
      { metadata: { labels: { a: "b" } }, status: { phase: "Failed" } },
      { namespace },
    );
    expect(labelled.status?.phase).toBe("Running");
  });

  test("a pod is bound once; the second binding is a conflict", async () => {
    const pods = clientOf(client, resources.pods);
    await pods.create(pod("bound"), { namespace });
    const binding = (node: string): Pod =>
      ({
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: "bound" },
        target: { kind: "Node", name: node },
      }) as unknown as Pod;
    await pods.create(binding("one"), { namespace, name: "bound", subresource: "binding" });
    const error = await refusal(
      pods.create(binding("two"), { namespace, name: "bound", subresource: "binding" }),
    );
    expect(error).toMatchObject({ code: 409 });
    const present = await pods.get("bound", { namespace });
    expect(present.spec?.nodeName).toBe("one");
    expect(present.status?.conditions?.map((one) => `${one.type}=${one.status}`)).toEqual([
      "PodScheduled=True",
    ]);
  });

  test("a bound pod is marked for deletion, and leaves when its node confirms", async () => {
    const pods = clientOf(client, resources.pods);
    await pods.create({ ...pod("leaving"), spec: { ...pod("x").spec, nodeName: "one" } }, { namespace });
    await pods.delete("leaving", { namespace });
    const marked = await pods.get("leaving", { namespace });
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(30);
    await pods.delete("leaving", { namespace, gracePeriodSeconds: 0 });
    expect(await refusal(pods.get("leaving", { namespace }))).toMatchObject({ code: 404 });
  });

  test("an object with a finalizer stays until the finalizer is taken off", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    const held = configMap("held");
    await maps.create(
      { ...held, metadata: { ...held.metadata, finalizers: ["berth.dev/test"] } },
      { namespace },
    );
    await maps.delete("held", { namespace });
    expect((await maps.get("held", { namespace })).metadata.deletionTimestamp).toBeTruthy();
    await maps.patch("held", "merge", { metadata: { finalizers: null } }, { namespace });
    expect(await refusal(maps.get("held", { namespace }))).toMatchObject({ code: 404 });
  });

  test("a deletion whose precondition does not hold deletes nothing", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    await maps.create(configMap("guarded"), { namespace });
    const error = await refusal(maps.delete("guarded", { namespace, preconditions: { uid: "another" } }));
    expect(error).toMatchObject({ code: 409, reason: "Conflict" });
    expect((await maps.get("guarded", { namespace })).metadata.name).toBe("guarded");
  });

  test("nothing is made in a namespace that is not there or is leaving", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    expect(await refusal(maps.create(configMap("lost"), { namespace: "nowhere" }))).toMatchObject({
      code: 404,
    });
    const namespaces = clientOf(client, resources.namespaces);
    await namespaces.create({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "leaving" },
    } as Namespace);
    await namespaces.delete("leaving");
    expect((await namespaces.get("leaving")).status?.phase).toBe("Terminating");
    expect(await refusal(maps.create(configMap("late"), { namespace: "leaving" }))).toMatchObject({
      code: 403,
    });
  });

  test("every Service gets an address of its own and gives it back", async () => {
    const all = client.resource<Service>(services);
    const service = (name: string): Service => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { ports: [{ port: 80 }] },
    });
    const made = await Promise.all(["a", "b", "c"].map((name) => all.create(service(name), { namespace })));
    const addresses = made.map((one) => one.spec?.clusterIP);
    expect(new Set(addresses).size).toBe(3);
    await all.delete("a", { namespace });
    const taken = { ...service("d"), spec: { ports: [{ port: 80 }], clusterIP: addresses[1]! } };
    expect(await refusal(all.create(taken, { namespace }))).toMatchObject({ code: 422 });
    const free = { ...service("e"), spec: { ports: [{ port: 80 }], clusterIP: addresses[0]! } };
    expect((await all.create(free, { namespace })).spec?.clusterIP).toBe(addresses[0]);
  });

  test("a list in pages is one snapshot, whatever is written meanwhile", async () => {
    const maps = client.resource<ConfigMap>(configMaps);
    await clientOf(client, resources.namespaces).create({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "pages" },
    } as Namespace);
    for (const name of ["a", "b", "c", "d", "e"]) await maps.create(configMap(name), { namespace: "pages" });
    const first = await maps.list({ namespace: "pages", limit: 2 });
    expect(first.remainingItemCount).toBe(3);
    await maps.create(configMap("bb"), { namespace: "pages" });
    await maps.delete("c", { namespace: "pages" });
    const second = await maps.list({ namespace: "pages", limit: 2, continue: first.continue! });
    const third = await maps.list({ namespace: "pages", limit: 2, continue: second.continue! });
    const names = [first, second, third].flatMap((page) => page.items.map((one) => one.metadata.name));
    expect(names).toEqual(["a", "b", "c", "d", "e"]);
    expect(third.resourceVersion).toBe(first.resourceVersion);
    expect(third.continue).toBeUndefined();
  });
});
