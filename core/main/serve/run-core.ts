import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import {
  BerthError,
  DisposableStack,
  type DisposeReport,
  errorMessage,
  type Logger,
  systemClock,
} from "@berth/base";
import { readLockHolder, tryLockFile } from "@berth/linux";
import { ApiServer } from "../../apiserver/api-server.ts";
import { Volumes } from "../../volumes/volumes-module.ts";
import { StoreCompactor } from "../../store/store-module.ts";
import { Store } from "../../store/store.ts";
import { Checkpoint } from "../../checkpoint/checkpoint.ts";
import { Controllers } from "../../controllers/controllers-module.ts";
import { Pki, RenewalRounds, writeKubeconfig } from "../../http/index.ts";
import { KubeletPart } from "../../kubelet/kubelet-module.ts";
import { NodeAgentPart } from "../../nodeagent/nodeagent-module.ts";
import { PluginHost } from "../../pluginhost/contracts/index.ts";
import { SchedulerPart } from "../../scheduler/scheduler-module.ts";
import type { ApiClient } from "../../client/contracts.ts";
import { AdminClient } from "../clients-module.ts";
import { type Composition, MetricsRegistry } from "../compose.ts";
import { addPluginMetrics } from "../../pluginhost/plugin-metrics.ts";
import { requireRuntime, RuntimeLost, takingDown } from "./taking-down.ts";
import { type CoreSettings, kubeconfigFile, lockFile, nodeDirectory, podLogs } from "./core-settings.ts";
import { applySet } from "../sets/apply-set.ts";
import { shippedContent } from "../sets/set-content.ts";

const alreadyRunning = BerthError.define({
  code: "BERTH_MAIN_ALREADY_RUNNING",
  grpc: "ALREADY_EXISTS",
  http: 409,
  owner: "operator",
  next: "Use the core that runs, end it, or name another directory with --data-dir.",
});

/** A core that serves. */
export interface RunningCore {
  /**
   * Ends it. `leave`: pods and plugins run on for the next start to adopt. `teardown`: pods, plugins and everything
   * they made on this machine go first. False when a step failed or overran; the log tells which.
   */
  stop(mode: "leave" | "teardown"): Promise<boolean>;
}

/** Pods get this long to end in a teardown before they are killed. */
const podGraceMs = 5_000;
const teardownBudgetMs = 60_000;

/** Takes the data directory, starts every part in the order in which they need each other, and serves. */
export async function runCore(
  settings: CoreSettings,
  composition: Composition,
  logger: Logger,
): Promise<RunningCore> {
  const stack = new DisposableStack("core");
  try {
    takeDirectory(settings, stack);
    await startParts(settings, composition, stack, logger);
  } catch (error) {
    await stack.disposeWithReport();
    throw error;
  }
  return {
    async stop(mode) {
      const steps =
        mode === "teardown"
          ? [...(await takeNodeDown(composition, logger)), ...(await stack.disposeWithReport())]
          : await stack.disposeWithReport();
      const failed = steps.filter((step) => step.outcome !== "done");
      for (const { label, outcome, error } of failed) {
        logger.error(`${label} ${outcome}`, { error: errorMessage(error) });
      }
      return failed.length === 0;
    },
  };
}

/** Pods first, then the plugins that served them. A step that fails does not keep the next from its work. */
async function takeNodeDown({ get }: Composition, logger: Logger): Promise<DisposeReport[]> {
  const kubelet = await get(KubeletPart);
  const host = await get(PluginHost);
  const stack = new DisposableStack("node");
  const defer = (label: string, work: () => Promise<void>): void =>
    stack.defer(label, work, teardownBudgetMs);
  defer("plugins of the node", () =>
    takingDown("plugins of the node", () => host.stop("teardown"), { host, logger, onLook: () => {} }),
  );
  defer("pods of the node", async () => {
    const label = "pods of the node";
    const onLook = requireRuntime(host, () => kubelet.podsLeft);
    try {
      await takingDown(label, () => kubelet.endAllPods(podGraceMs), { host, logger, onLook });
    } catch (error) {
      if (!(error instanceof RuntimeLost)) throw error;
      const pods = kubelet.podsLeft;
      logger.warn(`${label}: taken down without their runtime`, { pods, because: errorMessage(error) });
      kubelet.killAllPods();
      await host.abandonRuntimes();
      await kubelet.endKilledPods();
      logger.warn(`${label}: killed, and their runtimes and daemons; network and mounts are taken away`, {
        pods,
      });
    }
  });
  return stack.disposeWithReport();
}

function takeDirectory(settings: CoreSettings, stack: DisposableStack): void {
  // Plugins with users of their own pass through to their folders; they can list nothing on the way.
  const folders = [settings.dataDirectory, nodeDirectory(settings), settings.runDirectory];
  for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o711 });
  // Logs of pods are for those whom the node hands the folder itself.
  mkdirSync(dirname(podLogs(settings)), { recursive: true, mode: 0o700 });
  const path = lockFile(settings);
  const lock = tryLockFile(path);
  if (!lock) {
    throw new BerthError(
      alreadyRunning,
      `process ${readLockHolder(path)} already runs a core on ${settings.dataDirectory}`,
    );
  }
  stack.defer("data directory lock", () => lock.release());
}

async function startParts(
  settings: CoreSettings,
  { get }: Composition,
  stack: DisposableStack,
  logger: Logger,
): Promise<void> {
  const store = await get(Store);
  stack.defer("store", () => store.close());
  stack.use(await get(StoreCompactor));
  const server = stack.use(await get(ApiServer));
  await server.start();
  const pki = await get(Pki);
  const writeAdmin = (): Promise<void> => writeAdminKubeconfig(settings, pki, server.url);
  await writeAdmin();
  stack.use(
    new RenewalRounds("certificate of the administrator", { clock: systemClock, logger }, writeAdmin),
  );

  const checkpoint = await get(Checkpoint);
  stack.defer("checkpoint", () => checkpoint.close());
  const host = stack.use(await get(PluginHost), 60_000);
  addPluginMetrics(await get(MetricsRegistry), host, settings.nodeName);
  const installed =
    settings.pluginSet === undefined
      ? Promise.resolve()
      : installSet(settings, settings.pluginSet, await get(AdminClient));
  const parts = [
    stack.use(await get(NodeAgentPart)),
    stack.use(await get(KubeletPart), 30_000),
    stack.use(await get(SchedulerPart)),
    stack.use(await get(Controllers)),
    stack.use(await get(Volumes)),
  ];
  await Promise.all([installed, ...parts.map((part) => part.start())]);
  logger.info("the core serves", {
    api: server.url,
    node: settings.nodeName,
    dataDirectory: settings.dataDirectory,
  });
}

/** Nodes bring it into force by themselves; a start does not wait for that. */
async function installSet(settings: CoreSettings, name: string, client: ApiClient): Promise<void> {
  const { pluginFolder: folder, devPlugins: dev } = settings;
  await applySet(client, await shippedContent(name, { folder, dev }), { exactly: false });
}

async function writeAdminKubeconfig(settings: CoreSettings, pki: Pki, url: string): Promise<void> {
  const certificate = await pki.leaf("admin", {
    commonName: "berth-admin",
    organizations: ["system:masters"],
    usages: ["client"],
  });
  await writeKubeconfig(kubeconfigFile(settings), {
    server: url,
    authorityCertificate: pki.authorityCertificate,
    name: "berth",
    user: { name: "berth-admin", certificate },
  });
}
