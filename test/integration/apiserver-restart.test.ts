import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DisposableStack, silentLogger, systemClock } from "@berth/base";
import { createApiServer } from "../../core/apiserver/api-server.ts";
import type { ConfigMap, Service } from "../../core/api/index.ts";
import {
  type ApiClient,
  createApiClient,
  createInformer,
  httpsTransport,
  type ResourceClient,
} from "../../core/client/index.ts";
import { openPki, type Pki } from "../../core/http/index.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import { freePorts } from "../support/free-ports.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps", namespaced: true };
const services = { group: "", version: "v1", resource: "services", namespaced: true };
const namespace = "default";

let folder: string;
let pki: Pki;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-restart-"));
  pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

/** A server over the same file each time; as a new process would find it. */
async function run(port: number): Promise<Running> {
  const stack = new DisposableStack("server");
  const store = await openSqliteStore({ path: join(folder, "store.db"), clock: systemClock });
  stack.defer("store", () => store.close());
  const settings = { host: "127.0.0.1", port, advertiseAddress: "127.0.0.1", version: "0.0.0-test" };
  const server = stack.use(
    createApiServer({ settings, store, pki, clock: systemClock, logger: silentLogger }),
  );
  await server.start();
  return { port: server.port, stop: () => stack.dispose() };
}

async function clientOn(port: number, stack: DisposableStack): Promise<ApiClient> {
  const admin = await pki.leaf("admin", {
    commonName: "admin",
    organizations: ["system:masters"],
    usages: ["client"],
  });
  const https = httpsTransport({
    server: `https://127.0.0.1:${port}`,
    authority: pki.authorityCertificate,
    certificate: admin,
    user: "admin",
  });
  stack.defer("connections", () => https.dispose());
  return createApiClient(https);
}

function map(name: string): ConfigMap {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
}

test("an informer survives a restart of the server and sees everything once", async () => {
  const stack = new DisposableStack("test");
  let server = await run((await freePorts(1))[0]!);
  stack.defer("server", () => server.stop());
  try {
    const maps: ResourceClient<ConfigMap> = (await clientOn(server.port, stack)).resource(configMaps);
    await maps.create(map("before"), { namespace });
    const informer = stack.use(
      createInformer<ConfigMap>({
        name: "configmaps",
        client: maps,
        clock: systemClock,
        logger: silentLogger,
        namespace,
      }),
    );
    const added: string[] = [];
    const seen = Promise.withResolvers<void>();
    informer.onDidAdd(({ metadata }) => {
      added.push(metadata.name ?? "");
      if (metadata.name === "after") seen.resolve();
    });
    informer.start();
    await informer.synced();
    await server.stop();
    server = await run(server.port);
    await maps.create(map("after"), { namespace });
    await seen.promise;
    expect(added.filter((name) => name !== "kube-root-ca.crt").toSorted()).toEqual(["after", "before"]);
  } finally {
    await stack.dispose();
  }
});

test("what was acknowledged is there after a restart, under the same revision, and new revisions are greater", async () => {
  const stack = new DisposableStack("test");
  let server = await run((await freePorts(1))[0]!);
  stack.defer("server", () => server.stop());
  try {
    const client = await clientOn(server.port, stack);
    const maps = client.resource<ConfigMap>(configMaps);
    const made = await maps.create(map("kept"), { namespace });
    const service: Service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kept" },
      spec: { ports: [{ port: 80 }] },
    };
    const address = (await client.resource<Service>(services).create(service, { namespace })).spec?.clusterIP;
    await server.stop();
    server = await run(server.port);
    expect(await maps.get("kept", { namespace })).toEqual(made);
    const later = await maps.create(map("later"), { namespace });
    expect(Number(later.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    const taken = client.resource<Service>(services).create(
      { ...service, metadata: { name: "thief" }, spec: { ...service.spec, clusterIP: address! } },
      {
        namespace,
      },
    );
    await expect(taken).rejects.toMatchObject({ code: 422 });
  } finally {
    await stack.dispose();
  }
});
