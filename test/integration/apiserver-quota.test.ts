import { FakeClock, systemClock } from "@berth/base";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ApiClient, ApiResponse } from "../../core/client/index.ts";
import { openMemoryStore } from "../../core/store/memory-store.ts";
import type { Store } from "../../core/store/store.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let store: Store;
let other: TestApiServer;
let tool: Kubectl;
let namespace = "";
let round = 0;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run("-n", namespace, ...args);

beforeAll(async () => {
  store = openMemoryStore({ clock: systemClock });
  const api = await startTestApiServer({ store, settings: { sharedStore: true } });
  other = await startTestApiServer({ store, settings: { sharedStore: true } });
  tool = await startKubectl({ api });
});

afterAll(async () => {
  await tool.dispose();
  await other.dispose();
  await tool.api.dispose();
  await store.close();
});

beforeEach(async () => {
  namespace = `quota-${round++}`;
  await kubectl("create", "namespace", namespace);
  await kubectl("create", "serviceaccount", "default");
});

async function used(quota: string): Promise<Record<string, string>> {
  const { out } = await kubectl("get", "resourcequota", quota, "-o", "jsonpath={.status.used}");
  return JSON.parse(out) as Record<string, string>;
}

async function quota(name: string, hard: string, more = ""): Promise<void> {
  const text = `apiVersion: v1
kind: ResourceQuota
metadata: {name: ${name}}
spec:
  hard: {${hard}}
${more}`;
  const { err } = await kubectl("apply", "-f", await tool.manifest(name, text));
  expect(err).toBe("");
}

async function pod(name: string, resources = "{}", more = ""): Promise<Outcome> {
  const text = `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  containers: [{name: main, image: busybox, resources: ${resources}}]
${more}`;
  return await kubectl("apply", "-f", await tool.manifest(name, text));
}

const map = (name: string, ...more: string[]): Promise<Outcome> =>
  kubectl("create", "configmap", name, ...more);

describe("ResourceQuota", () => {
  test("counts what is there from the beginning, refuses what is too much, and takes back what leaves", async () => {
    await map("before");
    await quota("objects", "configmaps: 2, count/deployments.apps: 1");
    expect(await used("objects")).toEqual({ configmaps: "1", "count/deployments.apps": "0" });
    expect((await map("one")).code).toBe(0);
    const { code, err } = await map("two");
    expect(code).toBe(1);
    expect(err).toContain(
      'configmaps "two" is forbidden: exceeded quota: objects, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    );
    await kubectl("delete", "configmap", "one");
    expect(await used("objects")).toMatchObject({ configmaps: "1" });
    expect((await map("two")).code).toBe(0);
    expect((await kubectl("create", "deployment", "web", "--image=x")).code).toBe(0);
    expect((await kubectl("create", "deployment", "more", "--image=x")).err).toContain(
      "requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1",
    );
  });

  test("takes nothing for a rehearsal, nor for what fails after it was let in", async () => {
    await quota("objects", "configmaps: 2");
    expect((await map("one", "--dry-run=server")).code).toBe(0);
    expect((await map("one")).code).toBe(0);
    expect((await map("one")).err).toContain("already exists");
    expect(await used("objects")).toEqual({ configmaps: "1" });
  });

  test("adds up what pods ask for, and wants every container to say it", async () => {
    await quota("compute", "pods: 3, requests.cpu: 1, requests.memory: 1Gi, limits.cpu: 2");
    expect((await pod("silent")).err).toContain(
      "failed quota: compute: must specify limits.cpu for: main; requests.cpu for: main; requests.memory for: main",
    );
    const resources = "{requests: {cpu: 600m, memory: 512Mi}, limits: {cpu: 900m}}";
    expect((await pod("one", resources)).err).toBe("");
    expect(await used("compute")).toEqual({
      pods: "1",
      "requests.cpu": "600m",
      "requests.memory": "512Mi",
      "limits.cpu": "900m",
    });
    expect((await pod("two", resources)).err).toContain(
      "exceeded quota: compute, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1",
    );
    await kubectl(
      "patch",
      "pod",
      "one",
      "--subresource=status",
      "--type=merge",
      '-p={"status":{"phase":"Succeeded"}}',
    );
    expect(await used("compute")).toMatchObject({ pods: "0", "requests.cpu": "0" });
    expect((await pod("two", resources)).err).toBe("");
  });

  test("looks only at what its scopes select", async () => {
    await quota("best", "pods: 1", "  scopes: [BestEffort]");
    await quota(
      "urgent",
      "pods: 0",
      "  scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [system-node-critical]}]}",
    );
    expect((await pod("one")).err).toBe("");
    expect((await pod("two")).err).toContain("exceeded quota: best");
    expect((await pod("two", "{requests: {cpu: 1m}}")).err).toBe("");
    const urgent = await pod("three", "{requests: {cpu: 1m}}", "  priorityClassName: system-node-critical");
    expect(urgent.err).toContain("exceeded quota: urgent");
  });

  test("counts node ports, load balancers and storage by class", async () => {
    await quota(
      "more",
      "services.nodeports: 1, services.loadbalancers: 0, fast.storageclass.storage.k8s.io/requests.storage: 1Gi",
    );
    expect((await kubectl("create", "service", "nodeport", "a", "--tcp=80")).err).toBe("");
    expect((await kubectl("create", "service", "nodeport", "b", "--tcp=80")).err).toContain(
      "requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1",
    );
    expect((await kubectl("create", "service", "loadbalancer", "c", "--tcp=80")).err).toContain(
      "services.loadbalancers=1",
    );
    expect((await kubectl("patch", "service", "a", '-p={"spec":{"type":"ClusterIP"}}')).err).toBe("");
    expect(await used("more")).toMatchObject({ "services.nodeports": "0" });
    const claim = (name: string): string => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 600Mi}}}`;
    expect((await kubectl("apply", "-f", await tool.manifest("c1", claim("c1")))).err).toBe("");
    expect((await kubectl("apply", "-f", await tool.manifest("c2", claim("c2")))).err).toContain(
      "exceeded quota: more, requested: fast.storageclass.storage.k8s.io/requests.storage=600Mi",
    );
  });

  test("sets right what a crash left booked, once nobody has anything on its way", async () => {
    const clock = new FakeClock();
    const own = await startTestApiServer({ clock });
    try {
      const client = await own.client("in-process");
      const post = (resource: string, body: object): Promise<ApiResponse> =>
        client.request({ method: "POST", path: `/api/v1/namespaces/default/${resource}`, body });
      await post("resourcequotas", {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "drift" },
        spec: { hard: { "count/configmaps": "5" } },
      });
      const path = "/api/v1/namespaces/default/resourcequotas/drift";
      const status = async (): Promise<{ used: object }> =>
        ((await client.request({ method: "GET", path })).body as { status: { used: object } }).status;
      const { used: before } = await status();
      const quota = (await client.request({ method: "GET", path })).body as { status: object };
      const drifted = { ...quota, status: { ...quota.status, used: { "count/configmaps": "5" } } };
      await client.request({ method: "PUT", path: `${path}/status`, body: drifted });
      expect((await status()).used).toEqual({ "count/configmaps": "5" });
      const afterALook = async (): Promise<object> => {
        await clock.advance(30_000);
        return (await status()).used;
      };
      await expect.poll(afterALook, { timeout: 60_000 }).toEqual(before);
    } finally {
      await own.dispose();
    }
  });

  test("cannot be raced past, not even through two servers on one store", async () => {
    await quota("race", "configmaps: 10");
    const clients: ApiClient[] = await Promise.all([
      tool.api.client("in-process"),
      other.client("in-process"),
    ]);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) =>
        clients[at % 2]!.request({
          method: "POST",
          path: `/api/v1/namespaces/${namespace}/configmaps`,
          body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `race-${at}` } },
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(await used("race")).toEqual({ configmaps: "10" });
    const { out } = await kubectl("get", "configmaps", "--no-headers");
    expect(out.trim().split("\n")).toHaveLength(10);
  });
});
