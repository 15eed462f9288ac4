import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unmountUnder } from "@berth/linux";
import type { PluginInstance } from "../../core/api/berth/types.ts";
import type { Node } from "../../core/api/index.ts";
import {
  type ApiClient,
  type ApiObject,
  clientOf,
  createApiClient,
  httpsTransport,
  readKubeconfig,
  type ResourceClient,
  resources,
} from "../../core/client/index.ts";
import { freePorts } from "./free-ports.ts";

/** Another build may be measured. */
export const dist = process.env["BERTH_DIST"] ?? join(import.meta.dirname, "../../dist");

/** Throws when `npm run build` has not been run. */
export function builtProgram(): string {
  const program = join(dist, "cli/berth.js");
  if (!existsSync(program)) throw new Error(`${program} is missing; npm run build makes it`);
  return program;
}

/** The built program with a shipped plugin set, as a process of its own; everything of it is below `folder`. */
export interface BuiltCore extends AsyncDisposable {
  readonly pid: number;
  readonly nodeName: string;
  readonly folder: string;
  readonly dataDirectory: string;
  readonly kubeconfig: string;
  /** Its JSON lines. */
  readonly logFile: string;
  /** Unix milliseconds right before the process was started. */
  readonly startedAt: number;
  /** Resolves once the core has written a kubeconfig. */
  client(): Promise<ApiClient>;
}

export interface BuiltCoreOptions {
  /** Of the node; at most 8 characters keep socket paths short. */
  readonly name: string;
  /** Another core on this machine may hold the default ones. */
  readonly bridge: string;
  readonly subnet: string;
  /** The shipped set; `standard` when absent. */
  readonly set?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a core that takes its node down when it is disposed of. Throws when `npm run build` has not been run. */
export async function startBuiltCore(options: BuiltCoreOptions): Promise<BuiltCore> {
  const program = builtProgram();
  const folder = mkdtempSync(join(tmpdir(), "berth-core-"));
  const plugins = pluginsWithNetwork(folder, options);
  const dataDirectory = join(folder, "data");
  const kubeconfig = join(dataDirectory, "admin.conf");
  const logFile = join(folder, "core.log");
  const [port, kubeletPort] = await freePorts(2);
  const places = {
    "data-dir": dataDirectory,
    "run-dir": join(folder, "r"),
    "kubelet-root": join(folder, "k"),
  };
  const flags = {
    ...places,
    "node-name": options.name,
    plugins,
    set: options.set ?? "standard",
    port: String(port),
    "kubelet-port": String(kubeletPort),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const log = openSync(logFile, "a", 0o600);
  const startedAt = Date.now();
  const child = spawn(process.execPath, [program, "start", ...args, "--ephemeral"], {
    stdio: ["ignore", log, log],
    env: { ...process.env, ...options.env },
    detached: true,
  });
  closeSync(log);
  const ended = once(child, "exit");
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid!,
    nodeName: options.name,
    folder,
    dataDirectory,
    kubeconfig,
    logFile,
    startedAt,
    async client() {
      while (!existsSync(kubeconfig)) {
        if (!isRunning()) throw new Error(`the core ended:\n${readFileSync(logFile, "utf8")}`);
        await sleep(5);
      }
      return createApiClient(httpsTransport(await readKubeconfig(kubeconfig)));
    },
    async [Symbol.asyncDispose]() {
      const wasRunning = isRunning();
      if (wasRunning) child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      // Who waited for it has been told when it ended by itself.
      if (wasRunning && code !== 0)
        throw new Error(`the core ended with ${code}; its files are kept in ${folder}`);
      unmountUnder(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Resolves once the node is Ready and `plugins` instances are ready. `seen` is told every state on the way there,
 * the moment the watch brings it.
 */
export async function untilReady(
  client: ApiClient,
  plugins: number,
  signal: AbortSignal,
  seen: (what: string) => void = () => {},
): Promise<PluginInstance[]> {
  const told = new Map<string, string>();
  const tell = (who: string, state: string): void => {
    if (told.get(who) !== state) seen(`${who} is ${state}`);
    told.set(who, state);
  };
  const [instances] = await Promise.all([
    untilAll(clientOf(client, resources.pluginInstances), signal, (all) => {
      for (const { spec, status } of all) tell(`plugin ${spec.plugin}`, status?.state ?? "new");
      return all.length === plugins && all.every((one) => one.status?.state === "ready") ? all : undefined;
    }),
    untilAll(clientOf(client, resources.nodes), signal, (all) => {
      for (const node of all) tell("node", isReady(node) ? "Ready" : "not Ready");
      return all.length > 0 && all.every(isReady) ? all : undefined;
    }),
  ]);
  return instances;
}

function isReady({ status }: Node): boolean {
  return (status?.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True");
}

/** Follows a whole list by watch until `enough` of it gives something. */
async function untilAll<T extends ApiObject, R>(
  resource: ResourceClient<T>,
  signal: AbortSignal,
  enough: (all: T[]) => R | undefined,
): Promise<R> {
  const { items, resourceVersion } = await resource.list({ signal });
  const known = new Map(items.map((item) => [item.metadata?.name, item]));
  let found = enough([...known.values()]);
  if (found !== undefined) return found;
  for await (const event of resource.watch({ resourceVersion, signal })) {
    if (event.type === "BOOKMARK") continue;
    if (event.type === "DELETED") known.delete(event.object.metadata?.name);
    else known.set(event.object.metadata?.name, event.object);
    found = enough([...known.values()]);
    if (found !== undefined) return found;
  }
  signal.throwIfAborted();
  throw new Error("a watch ended early");
}

/** The shipped plugins, their bridge under another name: two cores share one machine only so. */
export function pluginsWithNetwork(folder: string, options: BuiltCoreOptions): string {
  const plugins = join(folder, "plugins");
  cpSync(join(dist, "plugins"), plugins, { recursive: true });
  const manifest = join(plugins, "cni-bridge/plugin.json");
  const parsed = JSON.parse(readFileSync(manifest, "utf8")) as {
    config: { properties: Record<"bridge" | "ranges", { default: unknown }> };
  };
  parsed.config.properties.bridge.default = options.bridge;
  parsed.config.properties.ranges.default = [{ subnet: options.subnet }];
  writeFileSync(manifest, JSON.stringify(parsed));
  return plugins;
}
