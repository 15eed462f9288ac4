import { mkdir } from "node:fs/promises";
import { type Clock, DisposableStack, errorMessage, type Logger, pause, systemClock } from "@berth/base";
import { Connection, socketPath, type Verb } from "@berth/verbs";
import { type Configuration, Configurations, checkServedVerbs } from "./configurations.ts";
import { createHostClient, type HostClient, noHost } from "./host-client.ts";
import { HostSession } from "./host-session.ts";
import type { Launch, ManagedLaunch } from "./launch.ts";
import { type PluginManifest, readManifest } from "./manifest.ts";
import { implement, type PluginContext, type PluginDefinition } from "./plugin-definition.ts";
import { PluginError } from "./plugin-error.ts";
import { notConfigured, PluginService, pluginServiceKey, pluginServiceVerbs } from "./plugin-service.ts";
import { PluginServer } from "./plugin-server.ts";
import { register } from "./registration/register.ts";
import { createStandAloneNetwork } from "./stand-alone-network.ts";
import { StateLease } from "./state-lease.ts";
import { VerbServer } from "./verb-server.ts";
import { sdkVersion } from "./sdk-version.ts";

/** After the wait of a drain, calls are told to stop and get this long to do so. */
const cancelGraceMs = 5000;

/** Why a plugin is over, and with which exit status its process should end. */
export interface PluginEnd {
  readonly exitCode: number;
  readonly reason: string;
}

interface RunningPluginOptions {
  readonly log: Logger;
  readonly clock?: Clock;
  /** What is to be told of this process beside what the plugin tells of itself. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** One plugin in this process, from its first socket to its last. */
export class RunningPlugin<Config> {
  readonly manifest: PluginManifest;
  readonly endpoint: string;
  readonly #definition: PluginDefinition<Config>;
  readonly #launch: Launch;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #facts: Readonly<Record<string, string>>;
  readonly #stack: DisposableStack;
  readonly #lease: StateLease;
  readonly #configurations: Configurations<Config>;
  readonly #verbs: VerbServer;
  readonly #host: HostClient;
  readonly #end = Promise.withResolvers<PluginEnd>();
  #session: HostSession | undefined;
  #draining = false;
  #stopping: Promise<void> | undefined;

  private constructor(definition: PluginDefinition<Config>, launch: Launch, options: RunningPluginOptions) {
    const { log, clock = systemClock, facts = {} } = options;
    this.manifest = readManifest(definition.folder);
    this.endpoint = launch.endpoint;
    this.#definition = definition;
    this.#launch = launch;
    this.#log = log;
    this.#clock = clock;
    this.#facts = facts;
    this.#stack = new DisposableStack(this.manifest.id);
    this.#lease = new StateLease(launch.stateDirectory);
    this.#stack.defer("state lease", () => this.#lease.release());
    this.#host = this.#connectHost();
    this.#configurations = new Configurations(definition, this.#context());
    this.#stack.defer("configurations", () => this.#configurations.dispose(), 30_000);
    this.#verbs = new VerbServer((verb) => this.#admit(verb), log);
  }

  /** Serving when it resolves; by hand also configured, under a host shaken hands with. */
  static async start<Config>(
    definition: PluginDefinition<Config>,
    launch: Launch,
    options: RunningPluginOptions,
  ): Promise<RunningPlugin<Config>> {
    checkServedVerbs(definition.services);
    const plugin = new RunningPlugin(definition, launch, options);
    try {
      await plugin.#open();
      return plugin;
    } catch (error) {
      await plugin.#stack.disposeWithReport();
      throw error;
    }
  }

  /** Settles when everything is undone. */
  get ended(): Promise<PluginEnd> {
    return this.#end.promise;
  }

  /** Drains, shuts down, undoes everything. */
  async stop(reason: string, withinMs = 30_000): Promise<void> {
    await this.#drain(withinMs);
    await this.#shutdown(reason);
    await this.#finish({ exitCode: 0, reason });
  }

  async #open(): Promise<void> {
    await mkdir(this.#launch.runDirectory, { recursive: true, mode: 0o700 });
    const launch = this.#launch;
    if (launch.mode === "by-hand") {
      this.#takeLeaseOrExplain();
      await this.#configurations.apply(launch.config, "1", false);
      await this.#configurations.current?.activate();
    }
    await this.#listen();
    if (launch.mode === "managed") await this.#joinHost(launch.session);
  }

  async #listen(): Promise<void> {
    const server = new PluginServer(this.endpoint, (grpc) => {
      this.#verbs.addTo(grpc, this.#definition.services);
      this.#ownService().addTo(grpc, [this.#ownServed()]);
    });
    await this.#stack.use(server).listen();
    this.#log.info("serving", { endpoint: this.endpoint, mode: this.#launch.mode });
    const registration = await register({
      manifest: this.manifest,
      options: this.#launch.options,
      name: this.#configurations.current?.life.registration?.name,
      server,
      clock: this.#clock,
      log: this.#log,
    });
    if (registration) this.#stack.use(registration);
  }

  /** The plugin's own life is asked for in every state, so it has a server of its own without admission. */
  #ownService(): VerbServer {
    const service = new PluginService({
      manifest: this.manifest,
      served: this.#definition.services,
      facts: this.#facts,
      configurations: this.#configurations,
      lease: this.#lease,
      log: this.#log,
      lifecycle: this.#lifecycle(),
    });
    const always = {
      implementation: () => service,
      enter() {},
      leave() {},
    } as unknown as Configuration;
    return new VerbServer(() => Promise.resolve(always), this.#log);
  }

  #ownServed() {
    return implement(pluginServiceKey, pluginServiceVerbs, () => ({}));
  }

  #lifecycle() {
    const isDraining = (): boolean => this.#draining;
    return {
      drain: (withinMs: number) => this.#drain(withinMs),
      shutdown: async (reason: string) => {
        await this.#shutdown(reason);
        // The answer leaves in this turn of the loop; the server goes in a later one.
        setTimeout(() => void this.#finish({ exitCode: 0, reason: `asked to end: ${reason}` }), 20);
      },
      get draining() {
        return isDraining();
      },
      configured: () => void this.#reportContainers(),
    };
  }

  async #joinHost(session: ManagedLaunch): Promise<void> {
    const lease = this.#stack.use(
      new HostSession({
        path: socketPath(session.handshake),
        windowMs: session.adoptionWindowMs,
        clock: this.#clock,
        log: this.#log,
        hello: {
          berth: 1,
          instance: session.instance,
          incarnation: session.incarnation,
          token: session.token,
          pid: process.pid,
          sdk: `@berth/sdk ${sdkVersion}`,
          contracts: Object.entries(this.manifest.contractVersions).map(([name, versions]) => ({
            name,
            versions: [...versions],
          })),
        },
      }),
    );
    await lease.open();
    this.#session = lease;
    void this.#endWithHost(lease);
  }

  async #endWithHost(session: HostSession): Promise<void> {
    const end = await session.untilLost();
    this.#log.warn("ending without a host", { reason: end.reason });
    await this.#drain(0);
    await this.#finish({ exitCode: end.kind === "lost" ? 0 : 1, reason: end.reason });
  }

  async #admit(verb: Verb): Promise<Configuration> {
    const { id } = this.manifest;
    const configuration = this.#configurations.current;
    if (!configuration) throw notConfigured(id);
    if (verb.options.readOnly) return configuration;
    if (this.#draining) {
      throw new PluginError(
        "UNAVAILABLE",
        `${id} is draining and takes nothing new`,
        "Send it to its successor.",
      );
    }
    if (!this.#lease.tryTake()) {
      throw new PluginError(
        "UNAVAILABLE",
        `process ${this.#lease.holder() ?? "unknown to us"} still holds the state of ${id}`,
        "Drain that one, then repeat.",
      );
    }
    await configuration.activate();
    return configuration;
  }

  async #drain(withinMs: number): Promise<{ finished: number; cancelled: number }> {
    this.#draining = true;
    const calls = this.#verbs.calls;
    const before = calls.size;
    await this.#idleWithin(withinMs);
    const cancelled = calls.abortAll(`${this.manifest.id} is draining`);
    if (cancelled > 0) await this.#idleWithin(cancelGraceMs);
    this.#lease.release();
    return { finished: before - cancelled, cancelled };
  }

  async #idleWithin(ms: number): Promise<void> {
    const waited = new AbortController();
    const limit = pause(this.#clock, ms, waited.signal);
    await Promise.race([this.#verbs.calls.whenIdle(), limit]);
    waited.abort(new Error("idle"));
  }

  async #shutdown(reason: string): Promise<void> {
    await this.#configurations.current?.life.shutdown?.(reason);
  }

  #finish(end: PluginEnd): Promise<void> {
    this.#stopping ??= (async () => {
      const report = await this.#stack.disposeWithReport();
      const failed = report.filter((step) => step.outcome !== "done");
      for (const step of failed)
        this.#log.error(`${step.label}: ${step.outcome}`, { error: errorMessage(step.error) });
      this.#log.info("ended", { reason: end.reason });
      this.#end.resolve(failed.length === 0 ? end : { ...end, exitCode: end.exitCode || 1 });
    })();
    return this.#stopping;
  }

  #takeLeaseOrExplain(): void {
    if (this.#lease.tryTake()) return;
    throw new Error(
      `state directory ${this.#launch.stateDirectory} is in use by process ${this.#lease.holder()}; end it or choose another --state-dir`,
    );
  }

  #connectHost(): HostClient {
    const { mode, options } = this.#launch;
    if (mode === "managed") {
      const { host } = this.#launch.session;
      return host
        ? createHostClient(this.#stack.use(new Connection(host)), this.manifest.hostServices)
        : noHost;
    }
    const network = options["network-endpoint"];
    if (network === undefined) return noHost;
    const connection = this.#stack.use(new Connection(network));
    return { ...noHost, network: createStandAloneNetwork(connection, options["network-name"] ?? "berth") };
  }

  #context(): PluginContext {
    const { stateDirectory, runDirectory, nodeName, options } = this.#launch;
    return {
      manifest: this.manifest,
      stateDirectory,
      runDirectory,
      nodeName,
      endpoint: this.endpoint,
      log: this.#log,
      host: this.#host,
      contractVersion: (contract) =>
        this.#session?.chosen[contract] ?? this.manifest.contractVersions[contract]?.[0],
      daemon: (id) => process.env[daemonVariable(id)] ?? options[id],
      option: (name) => options[name],
    };
  }

  async #reportContainers(): Promise<void> {
    const containers = this.#configurations.counts;
    try {
      await this.#host.telemetry?.report({
        state: {
          fields: {
            "configurations.live": { numberValue: containers.live },
            "configurations.disposed": { numberValue: containers.disposed },
          },
        },
      });
    } catch (error) {
      this.#log.warn("the host does not take the report", { error: errorMessage(error) });
    }
  }
}

function daemonVariable(id: string): string {
  return `BERTH_DAEMON_${id.toUpperCase().replaceAll("-", "_")}`;
}
