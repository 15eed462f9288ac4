import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DisposableStack, silentLogger, systemClock } from "@berth/base";
import type { ConfigMap, ResourceQuota, Service } from "../../core/api/index.ts";
import {
  type ApiClient,
  clientOf,
  createApiClient,
  httpsTransport,
  resources,
  type ResourceClient,
} from "../../core/client/index.ts";
import type { ApiServerSettings } from "../../core/apiserver/api-server.ts";
import { openPki } from "../../core/http/index.ts";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";
import { freePorts } from "../support/free-ports.ts";
import { TcpLine } from "../support/tcp-line.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps", namespaced: true };
const resourceQuotas = { group: "", version: "v1", resource: "resourcequotas", namespaced: true };
const services = { group: "", version: "v1", resource: "services", namespaced: true };
const namespace = "default";

let stack: DisposableStack;
let folder: string;
let etcd: EtcdProcess;

beforeEach(async () => {
  stack = new DisposableStack("test");
  folder = mkdtempSync(join(tmpdir(), "berth-shared-"));
  stack.defer(folder, () => rmSync(folder, { recursive: true }));
  etcd = await EtcdProcess.prepare(folder);
  stack.defer("etcd", () => etcd.kill());
  await etcd.start();
});
afterEach(() => stack.dispose());

describe("two API servers on one etcd", () => {
  async function serve(
    server = etcd.server,
    settings: Partial<ApiServerSettings> = {},
  ): Promise<{ api: TestApiServer; client: ApiClient }> {
    const store = await openEtcdStore({ servers: [server] });
    stack.defer("store", () => store.close());
    const api = await startTestApiServer({ store, settings: { sharedStore: true, ...settings } });
    stack.defer("API server", () => api.dispose());
    return { api, client: await api.client("https") };
  }

  it("see at once what the other acknowledged, and tell the same watches, through a crash of etcd too", async () => {
    const [one, two] = [await serve(), await serve()];
    const maps = [one, two].map(({ client }) => client.resource<ConfigMap>(configMaps)) as [
      ResourceClient<ConfigMap>,
      ResourceClient<ConfigMap>,
    ];
    const { resourceVersion } = await maps[0].list({ namespace });
    const stop = new AbortController();
    const told = maps.map((client) => collect(client, resourceVersion, stop.signal, "last"));
    for (let i = 0; i < 20; i++) {
      const made = await maps[i % 2]!.create(map(`m${i}`), { namespace });
      const seen = (await maps[(i + 1) % 2]!.list({ namespace })).items.map(({ metadata }) => metadata.name);
      expect(seen).toContain(`m${i}`);
      if (i % 3 === 0) await maps[(i + 1) % 2]!.update({ ...made, data: { a: "1" } }, { namespace });
      if (i % 5 === 0) await maps[i % 2]!.delete(`m${i}`, { namespace });
    }
    await etcd.kill();
    await etcd.start();
    await eventually(() => maps[0].create(map("between"), { namespace }));
    await eventually(() => maps[1].create(map("last"), { namespace }));
    const [first, second] = await Promise.all(told);
    expect(first).toHaveLength(20 + 7 + 4 + 2);
    expect(second).toEqual(first);
    stop.abort();
  });

  it("go on by themselves after being cut off for longer than history is kept; watchers are told 410", async () => {
    const line = await TcpLine.to(etcd.clientPort);
    stack.defer("line", () => line[Symbol.asyncDispose]());
    const [one, two] = [await serve(), await serve(`http://127.0.0.1:${line.port}`)];
    const [near, far] = [one, two].map(({ client }) => client.resource<ConfigMap>(configMaps)) as [
      ResourceClient<ConfigMap>,
      ResourceClient<ConfigMap>,
    ];
    await near.create(map("gone"), { namespace });
    const { resourceVersion } = await far.list({ namespace });
    const told = collect(far, resourceVersion, new AbortController().signal, "none").catch(
      (error: unknown) => error,
    );
    line.cut();
    await near.delete("gone", { namespace });
    await near.create(map("meanwhile"), { namespace });
    await one.api.store.compact(await one.api.store.currentRevision());
    line.mend();
    expect(await told).toMatchObject({ code: 410 });
    const seen = (await far.list({ namespace, resourceVersion: "0" })).items;
    expect(seen.map(({ metadata }) => metadata.name)).toEqual(["meanwhile"]);
    await expect(collect(far, resourceVersion, new AbortController().signal, "none")).rejects.toMatchObject({
      code: 410,
    });
    const anew = collect(
      far,
      (await far.list({ namespace })).resourceVersion,
      new AbortController().signal,
      "b",
    );
    await far.create(map("a"), { namespace });
    await near.create(map("b"), { namespace });
    expect((await anew).map((line) => line.split(" ", 2).join(" "))).toEqual(["ADDED a", "ADDED b"]);
  });

  it("let no more in together than a quota allows", async () => {
    const both = [await serve(), await serve()];
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "few" },
      spec: { hard: { configmaps: "15" } },
    };
    const quotas = both.map(({ client }) => client.resource<ResourceQuota>(resourceQuotas));
    await quotas[0]!.create(quota, { namespace });
    await quotas[1]!.list({ namespace });
    const maps = both.map(({ client }) => client.resource<ConfigMap>(configMaps));
    const asked = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) => maps[i % 2]!.create(map(`q${i}`), { namespace })),
    );
    const refusals = asked.filter((one) => one.status === "rejected").map(({ reason }) => reason as unknown);
    expect(refusals).toHaveLength(25);
    for (const reason of refusals)
      expect(reason).toMatchObject({
        code: 403,
        message: expect.stringContaining("exceeded quota: few") as string,
      });
    expect((await maps[0]!.list({ namespace })).items).toHaveLength(15);
    const { status } = await quotas[1]!.get("few", { namespace });
    expect(status?.used).toEqual({ configmaps: "15" });
  });

  it("are both endpoints of default/kubernetes, until one stops", async () => {
    const advertised = ["127.0.0.2", "127.0.0.3"];
    const [port] = (await freePorts(1)) as [number];
    const [one, two] = [
      await serve(etcd.server, { host: advertised[0]!, advertiseAddress: advertised[0]!, port }),
      await serve(etcd.server, { host: advertised[1]!, advertiseAddress: advertised[1]!, port }),
    ];
    expect(await ownEndpoints(one.client)).toEqual(advertised.map((address) => `${address}:${port}`));
    await two.api.dispose();
    expect(await ownEndpoints(one.client)).toEqual([`${advertised[0]}:${port}`]);
  });

  it("never give one address, one port or one name to two", async () => {
    const both = [await serve(), await serve()].map(({ client }) => client.resource<Service>(services));
    const asks = Array.from({ length: 40 }, (_, i) =>
      both[i % 2]!.create(service(`s${i}`, { type: "NodePort" }), { namespace }),
    );
    const made = await Promise.all(asks);
    expect(new Set(made.map(({ spec }) => spec?.clusterIP)).size).toBe(40);
    expect(new Set(made.map(({ spec }) => spec?.ports?.[0]?.nodePort)).size).toBe(40);
    const asked = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        both[i % 2]!.create(service(`t${i}`, { clusterIP: "10.96.77.77" }), { namespace }),
      ),
    );
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const named = await Promise.allSettled(
      both.flatMap((client) => [0, 1].map(() => client.create(service("one", {}), { namespace }))),
    );
    expect(named.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("two control planes on one etcd", () => {
  it("work one at a time; when the leader is killed, the other goes on", async () => {
    const processes = new Map<string, ChildProcess>();
    const ports = new Map<string, number>();
    for (const identity of ["one", "two"]) {
      const [port] = (await freePorts(1)) as [number];
      ports.set(identity, port);
      const settings = JSON.stringify({ folder, port, servers: [etcd.server], identity });
      const script = new URL("../support/etcd/control-plane-process.ts", import.meta.url).pathname;
      const child = spawn(process.execPath, [script, settings], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = once(child, "exit");
      stack.defer(identity, async () => {
        child.kill("SIGKILL");
        await ended;
      });
      processes.set(identity, child);
      await once(child.stdout, "data");
    }
    const holder = async (client: ApiClient, name: string): Promise<string> => {
      const lease = await clientOf(client, resources.leases).get(name, { namespace: "kube-system" });
      return lease.spec?.holderIdentity ?? "";
    };
    const first = await eventually(async () =>
      holder(await connect(ports.get("two")!), "kube-controller-manager"),
    );
    const other = first === "one" ? "two" : "one";
    const client = await connect(ports.get(other)!);
    // The ServiceAccount controller of whoever leads makes `default` in every namespace.
    const namespaces = clientOf(client, resources.namespaces);
    const accounts = clientOf(client, resources.serviceAccounts);
    await namespaces.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "before" }, spec: {} });
    await eventually(() => accounts.get("default", { namespace: "before" }));
    expect(await ownEndpoints(client)).toHaveLength(2);
    processes.get(first)!.kill("SIGKILL");
    await namespaces.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "after" }, spec: {} });
    await eventually(() => accounts.get("default", { namespace: "after" }));
    expect(await holder(client, "kube-controller-manager")).toBe(other);
    // What was killed took no leave.
    await eventually(async () =>
      expect(await ownEndpoints(client)).toEqual([`127.0.0.1:${ports.get(other)}`]),
    );
    await eventually(async () => expect(await holder(client, "kube-scheduler")).toBe(other));
  });
});

/** "ADDRESS:PORT" of every API server that clients are sent to. */
async function ownEndpoints(client: ApiClient): Promise<string[]> {
  const { items } = await clientOf(client, resources.endpointSlices).list({
    namespace: "default",
    labelSelector: "kubernetes.io/service-name=kubernetes",
  });
  return items
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).map(({ addresses }) => `${addresses[0]}:${ports?.[0]?.port}`),
    )
    .toSorted();
}

async function connect(port: number): Promise<ApiClient> {
  const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
  const certificate = await pki.leaf("test", {
    commonName: "test",
    organizations: ["system:masters"],
    usages: ["client"],
  });
  const server = `https://127.0.0.1:${port}`;
  const transport = httpsTransport({
    server,
    authority: pki.authorityCertificate,
    certificate,
    user: "test",
  });
  stack.defer("connections", () => transport.dispose());
  return createApiClient(transport);
}

/** "TYPE name revision" of every event up to the object `last`. */
async function collect(
  client: ResourceClient<ConfigMap>,
  resourceVersion: string,
  signal: AbortSignal,
  last: string,
): Promise<string[]> {
  const told: string[] = [];
  for await (const event of client.watch({ namespace, resourceVersion, signal })) {
    if (event.type === "BOOKMARK") continue;
    const { name, resourceVersion: revision } = event.object.metadata;
    told.push(`${event.type} ${name} ${revision}`);
    if (name === last) return told;
  }
  throw new Error(`the watch ended after ${told.length} events`);
}

async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

function map(name: string): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
}

function service(name: string, spec: Partial<Service["spec"]>): Service {
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
}
