import { createToken, type Clock, type Logger, systemClock, type Token } from "@berth/base";
import { Container, type ContainerModule } from "inversify";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { Registry } from "prom-client";
import { join } from "node:path";
import { ApiServerSettings } from "../apiserver/api-server.ts";
import { apiServerModule } from "../apiserver/apiserver-module.ts";
import { checkpointModule, CheckpointSettings } from "../checkpoint/checkpoint-module.ts";
import { httpModule, PkiFolder } from "../http/http-module.ts";
import { NodeAgentNodeName, nodeAgentModule } from "../nodeagent/nodeagent-module.ts";
import { pluginHostOptionsToken } from "../pluginhost/host-options.ts";
import { pluginHostModule } from "../pluginhost/pluginhost-module.ts";
import { kubeletModule, KubeletSettings } from "../kubelet/kubelet-module.ts";
import { kubeletOptions } from "../kubelet/kubelet-options.ts";
import { controllersModule } from "../controllers/controllers-module.ts";
import { Elections, leaseElections, soleCandidate } from "../client/elections.ts";
import { schedulerModule } from "../scheduler/scheduler-module.ts";
import { storeModule, StoreSettings } from "../store/store-module.ts";
import { volumesModule } from "../volumes/volumes-module.ts";
import { checkBootTree } from "./boot-tree/check-boot-tree.ts";
import type { PartRecord } from "./boot-tree/part-record.ts";
import { recordModule } from "./boot-tree/recording-module.ts";
import { clientsModule } from "./clients-module.ts";
import { repositoryRoot } from "./serve/core-options.ts";
import { loginFiles } from "./serve/login-options.ts";
import { pluginUsers } from "./serve/plugin-users.ts";
import { type CoreSettings, nodeDirectory, podLogs, storeFile } from "./serve/core-settings.ts";
import { version } from "./version.ts";

export const clockToken: Token<Clock> = createToken<Clock>("clock");
export const loggerToken: Token<Logger> = createToken<Logger>("logger");

/** Everything that a process counts, in one place. */
export const MetricsRegistry: Token<Registry> = createToken<Registry>("metrics");

/** Where a running core shows its boot tree. */
export const bootTreePath = "/debug/berth/boot-tree";

/** Two processes of one machine are two candidates, and so is one before and after its restart. */
function processIdentity(): string {
  return `${hostname()}_${randomUUID()}`;
}

/** The rooms of a core, in the order in which they are listed. */
const rooms: readonly (readonly [room: string, module: ContainerModule])[] = [
  ["store", storeModule],
  ["http", httpModule],
  ["apiserver", apiServerModule],
  ["client", clientsModule],
  ["checkpoint", checkpointModule],
  ["pluginhost", pluginHostModule],
  ["nodeagent", nodeAgentModule],
  ["kubelet", kubeletModule],
  ["scheduler", schedulerModule],
  ["controllers", controllersModule],
  ["volumes", volumesModule],
];

/** All parts of a core, declared and checked, none made yet. */
export interface Composition {
  readonly parts: readonly PartRecord[];
  /** Makes a part, with everything it needs, the first time it is asked for. */
  readonly get: <T>(token: Token<T>) => Promise<T>;
}

/** Puts the rooms together: the only place that creates a container. Throws when the modules do not fit each other. */
export async function compose(settings: CoreSettings, logger: Logger): Promise<Composition> {
  const container = new Container();
  const given: string[] = [];
  const give = <T>(token: Token<T>, value: T): void => {
    given.push((token.description ?? "").replace(/^berth:/, ""));
    container.bind<T>(token).toConstantValue(value);
  };
  give(clockToken, systemClock);
  give(loggerToken, logger);
  give(StoreSettings, {
    path: storeFile(settings),
    ...(settings.etcd && { etcd: settings.etcd }),
    ...(settings.encryptionFile !== undefined && { encryptionFile: settings.encryptionFile }),
  });
  give(
    Elections,
    settings.etcd
      ? leaseElections({ identity: processIdentity(), clock: systemClock, logger })
      : soleCandidate,
  );
  give(PkiFolder, join(settings.dataDirectory, "pki"));
  const parts: PartRecord[] = [];
  const metrics = new Registry();
  give(MetricsRegistry, metrics);
  give(ApiServerSettings, {
    host: settings.address,
    port: settings.apiPort,
    advertiseAddress: settings.nodeAddress,
    version,
    sharedStore: settings.etcd !== undefined,
    metrics,
    ...(settings.audit ? { audit: settings.audit } : {}),
    debug: new Map([[bootTreePath, () => ({ parts })]]),
  });
  give(CheckpointSettings, { path: join(nodeDirectory(settings), "checkpoint.db") });
  give(pluginHostOptionsToken, {
    nodeName: settings.nodeName,
    ...pluginUsers(),
    cniProgram: [process.execPath, join(repositoryRoot(), "dist/cni/berth-cni.js")],
    paths: {
      data: nodeDirectory(settings),
      run: join(settings.runDirectory, settings.nodeName),
      kubeletRoot: settings.kubeletRoot,
    },
    ...(settings.allowedSources && { allowedSources: settings.allowedSources }),
    ...(settings.npmRegistry === undefined ? {} : { npmRegistry: settings.npmRegistry }),
    ...loginFiles(settings),
  });
  give(NodeAgentNodeName, settings.nodeName);
  give(
    KubeletSettings,
    kubeletOptions({
      nodeName: settings.nodeName,
      addresses: [settings.nodeAddress],
      listenHost: settings.address,
      listenPort: settings.kubeletPort,
      kubeletRoot: settings.kubeletRoot,
      cgroupRoot: `berth/${settings.nodeName}/kubepods`,
      logsRoot: podLogs(settings),
    }),
  );

  for (const [room, module] of rooms) {
    await container.loadAsync(recordModule(room, module, parts, () => performance.now()));
  }
  const mistakes = checkBootTree(parts, given);
  if (mistakes.length > 0) throw new Error(`the rooms do not fit together: ${mistakes.join("; ")}`);
  return { parts, get: (token) => container.getAsync(token) };
}
