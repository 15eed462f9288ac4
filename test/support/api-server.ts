import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, DisposableStack, type Logger, silentLogger, systemClock } from "@berth/base";
import { type ApiServer, type ApiServerSettings, createApiServer } from "../../core/apiserver/api-server.ts";
import {
  type ApiClient,
  createApiClient,
  httpsTransport,
  inProcessTransport,
  readKubeconfig,
} from "../../core/client/index.ts";
import { openPki, type Pki, writeKubeconfig } from "../../core/http/index.ts";
import { openMemoryStore } from "../../core/store/memory-store.ts";
import type { Store } from "../../core/store/store.ts";

/** An API server of its own for one test, with everything it needs in a temporary folder. */
export interface TestApiServer {
  readonly server: ApiServer;
  readonly store: Store;
  readonly pki: Pki;
  readonly folder: string;
  /** Of an administrator; `KUBECONFIG` for kubectl. */
  readonly kubeconfig: string;
  /** Writes one for another user. */
  kubeconfigFor(user: string, groups?: readonly string[]): Promise<string>;
  /** One that names the server and nobody. */
  bareKubeconfig(): Promise<string>;
  /** A client of one user; over HTTPS with a certificate of his own. */
  client(transport: "in-process" | "https", user?: string, groups?: readonly string[]): Promise<ApiClient>;
  dispose(): Promise<void>;
}

export interface TestApiServerOptions {
  readonly settings?: Partial<ApiServerSettings>;
  /** A memory store by default; one that is given stays open. */
  readonly store?: Store;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export async function startTestApiServer(options: TestApiServerOptions = {}): Promise<TestApiServer> {
  const stack = new DisposableStack("test API server");
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const folder = await mkdtemp(join(tmpdir(), "berth-api-"));
  stack.defer("folder", () => rm(folder, { recursive: true, force: true }));
  const store = options.store ?? openMemoryStore({ clock });
  if (!options.store) stack.defer("store", () => store.close());
  const pki = await openPki({ folder: join(folder, "pki"), clock, logger });
  const settings: ApiServerSettings = {
    host: "127.0.0.1",
    port: 0,
    advertiseAddress: "127.0.0.1",
    version: "0.0.0-test",
    ...options.settings,
  };
  const server = stack.use(createApiServer({ settings, store, pki, clock, logger }));
  try {
    await server.start();
  } catch (error) {
    await stack.dispose();
    throw error;
  }
  const kubeconfigFor = async (user: string, groups: readonly string[] = []): Promise<string> => {
    const name = user.replaceAll(/[^\w-]/g, "_");
    const certificate = await pki.leaf(`user-${name}`, {
      commonName: user,
      organizations: groups,
      usages: ["client"],
    });
    const file = join(folder, `${name}.kubeconfig`);
    await writeKubeconfig(file, {
      server: server.url,
      authorityCertificate: pki.authorityCertificate,
      name: "test",
      user: { name: user, certificate },
    });
    return file;
  };
  const kubeconfig = await kubeconfigFor("admin", ["system:masters"]);
  const client: TestApiServer["client"] = async (transport, user = "admin", groups = ["system:masters"]) => {
    if (transport === "in-process")
      return createApiClient(inProcessTransport(server, { name: user, groups }));
    const https = httpsTransport(await readKubeconfig(await kubeconfigFor(user, groups)));
    stack.defer(`connections of ${user}`, () => https.dispose());
    return createApiClient(https);
  };
  const bareKubeconfig = async (): Promise<string> => {
    const file = join(folder, "nobody.kubeconfig");
    await writeKubeconfig(file, {
      server: server.url,
      authorityCertificate: pki.authorityCertificate,
      name: "test",
      user: { name: "nobody" },
    });
    return file;
  };
  return {
    bareKubeconfig,
    client,
    server,
    store,
    pki,
    folder,
    kubeconfig,
    kubeconfigFor,
    dispose: () => stack.dispose(),
  };
}
