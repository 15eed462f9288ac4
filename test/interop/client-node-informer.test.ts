import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";
import { DisposableStack, silentLogger, systemClock } from "@berth/base";
import { expect, test } from "vitest";
import { createApiServer } from "../../core/apiserver/api-server.ts";
import { openPki, writeKubeconfig } from "../../core/http/index.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import { eventually } from "../support/cri-node.ts";
import { freePorts } from "../support/free-ports.ts";

const namespace = "default";

test("an informer of @kubernetes/client-node goes on after the server was started again", async () => {
  const stack = new DisposableStack("client-node");
  const folder = await mkdtemp(join(tmpdir(), "berth-interop-"));
  stack.defer("folder", () => rm(folder, { recursive: true, force: true }));
  const logger = silentLogger;
  const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger });
  const serve = async (port: number): Promise<{ port: number; url: string; stop(): Promise<void> }> => {
    const part = new DisposableStack("server");
    const store = await openSqliteStore({ path: join(folder, "store.db"), clock: systemClock });
    part.defer("store", () => store.close());
    const settings = { host: "127.0.0.1", port, advertiseAddress: "127.0.0.1", version: "0.0.0-test" };
    const server = part.use(createApiServer({ settings, store, pki, clock: systemClock, logger }));
    await server.start();
    return { port: server.port, url: server.url, stop: () => part.dispose() };
  };
  let server = await serve((await freePorts(1))[0]!);
  stack.defer("server", () => server.stop());
  try {
    const certificate = await pki.leaf("admin", {
      commonName: "admin",
      organizations: ["system:masters"],
      usages: ["client"],
    });
    const file = join(folder, "admin.kubeconfig");
    const authorityCertificate = pki.authorityCertificate;
    const user = { name: "admin", certificate };
    await writeKubeconfig(file, { server: server.url, authorityCertificate, name: "test", user });
    const config = new KubeConfig();
    config.loadFromFile(file);
    const api = config.makeApiClient(CoreV1Api);
    const create = (name: string): Promise<unknown> =>
      api.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { of: "test" } } } });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
      api.listNamespacedConfigMap({ namespace }),
    );
    const seen: string[] = [];
    const heard = (): string[] => seen;
    for (const verb of ["add", "update", "delete"] as const)
      informer.on(verb, ({ metadata }) => void seen.push(`${verb} ${metadata?.name}`));
    // Its own documentation asks the caller to start it again after an error, and has that wait; that the start failed
    // too is told by the next "error".
    let stopped = false;
    informer.on("error", () => {
      if (!stopped) setTimeout(() => void informer.start().catch(() => {}), 100);
    });
    await create("before");
    await informer.start();
    stack.defer("informer", async () => {
      stopped = true;
      await informer.stop();
    });
    await eventually(heard, (lines) => lines.includes("add before"));
    await server.stop();
    server = await serve(server.port);
    await create("after");
    await api.deleteNamespacedConfigMap({ namespace, name: "before" });
    await eventually(heard, (lines) => lines.includes("add after") && lines.includes("delete before"));
    expect(seen.filter((line) => line === "add before")).toHaveLength(1);
  } finally {
    await stack.dispose();
  }
});
