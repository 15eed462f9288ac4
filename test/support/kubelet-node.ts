import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisposableStack, Emitter, type Logger, silentLogger, systemClock } from "@berth/base";
import { openCheckpoint } from "../../core/checkpoint/sqlite-checkpoint.ts";
import {
  type ApiClient,
  clientOf,
  createEventRecorder,
  resources,
  unlessThere,
} from "../../core/client/index.ts";
import { Kubelet } from "../../core/kubelet/kubelet.ts";
import { kubeletOptions } from "../../core/kubelet/kubelet-options.ts";
import {
  type CsiDriver,
  handlerKey,
  type PluginHost,
  type RuntimeHandler,
} from "../../core/pluginhost/contracts/index.ts";
import { startTestApiServer, type TestApiServer } from "./api-server.ts";

const noPlugin = (): never => {
  throw new Error("this host has no plugins");
};

/** What a plugin host offers a kubelet, filled by hand. */
export class HandHost implements Pick<PluginHost, "runtimes" | "csi" | "devices" | "network" | "tools"> {
  readonly handlers: RuntimeHandler[] = [];
  readonly drivers: CsiDriver[] = [];
  readonly changed = new Emitter<void>();
  readonly runtimes = {
    handler: (wanted: string) =>
      this.handlers.find((one) => [one.name, handlerKey(one)].includes(wanted)) ??
      (wanted === "" ? this.handlers[0] : undefined),
    list: () => this.handlers,
    onDidChange: this.changed.event,
  };
  readonly csi = {
    driver: (name: string) => this.drivers.find((one) => one.name === name),
    list: () => this.drivers,
    onDidChange: this.changed.event,
  };
  readonly devices = {
    list: () => [],
    allocate: () => Promise.reject(new Error("this test has no devices")),
    allocated: () => [],
    release() {},
    onDidChange: this.changed.event,
  };
  readonly tools = {
    recording: noPlugin,
    follow: noPlugin,
    call: noPlugin,
    logs: noPlugin,
    debug: noPlugin,
  };
  readonly network = { ready: true, reason: "", onDidChange: this.changed.event };
}

export interface TestNode {
  readonly api: TestApiServer;
  readonly admin: ApiClient;
  readonly host: HandHost;
  readonly folder: string;
  kubelet: Kubelet;
  /** Ends the kubelet as a stop of the core does, pods left, and starts another on the same folders. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * One kubelet with whatever runtimes and drivers the test puts into its host, on an API server of its own unless one is given, which
 * outlives it then.
 */
export async function startTestNode(
  host: HandHost,
  options: { logger?: Logger; name?: string; api?: TestApiServer } = {},
): Promise<TestNode> {
  const stack = new DisposableStack("test node");
  const { logger = silentLogger, name = "one" } = options;
  const api = options.api ?? (await startTestApiServer());
  if (!options.api) stack.defer("API server", () => api.dispose());
  const folder = await mkdtemp(join(tmpdir(), "berth-node-"));
  stack.defer("folder", () => rm(folder, { recursive: true, force: true }));
  const admin = await api.client("in-process");
  // What the service account controller does where there is one.
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace: "default" },
  };
  await unlessThere(clientOf(admin, resources.serviceAccounts).create(account, { namespace: "default" }));
  const client = await api.client("in-process", `system:node:${name}`, ["system:nodes"]);
  const open = async (): Promise<{ kubelet: Kubelet; close: () => Promise<void> }> => {
    const own = new DisposableStack("kubelet of a test");
    const checkpoint = openCheckpoint(join(folder, "checkpoint.db"));
    own.defer("checkpoint", () => checkpoint.close());
    const events = own.use(
      createEventRecorder({ client, clock: systemClock, logger, component: "kubelet", host: name }),
    );
    const kubelet = own.use(
      new Kubelet({
        options: kubeletOptions({
          nodeName: name,
          addresses: ["127.0.0.1"],
          listenPort: 0,
          kubeletRoot: join(folder, "kubelet"),
          logsRoot: join(folder, "logs"),
          cgroupRoot: `berth-test-${process.pid}`,
          resolvConf: "/dev/null",
        }),
        client,
        host,
        checkpoint,
        events,
        clock: systemClock,
        logger,
        serving: () =>
          api.pki.leaf(`kubelet-${name}`, {
            commonName: `system:node:${name}`,
            organizations: ["system:nodes"],
            hosts: ["127.0.0.1"],
            usages: ["server"],
          }),
        clientAuthority: () => api.pki.authorityCertificate,
      }),
    );
    await kubelet.start();
    return { kubelet, close: () => own.dispose() };
  };
  let running = await open();
  const node: TestNode = {
    api,
    admin,
    host,
    folder,
    kubelet: running.kubelet,
    async restart() {
      await running.close();
      running = await open();
      node.kubelet = running.kubelet;
    },
    async dispose() {
      await running.close();
      await stack.dispose();
    },
  };
  return node;
}
