import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Clock, Emitter, errorMessage, isBerthError, type Logger, type Timer } from "@berth/base";
import { type CgroupHierarchy, detectCgroups, PollingProcessWatcher } from "@berth/linux";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { NetworkBroker } from "./broker/network-broker.ts";
import { CallRedaction } from "./call/call-redaction.ts";
import { FlightRecorder } from "./call/flight-recorder.ts";
import { LineRing } from "./call/line-ring.ts";
import { PluginLink } from "./call/plugin-link.ts";
import { TraceSource } from "./call/trace-source.ts";
import type { ContractAdapter } from "./capabilities/contract-adapter.ts";
import { NodeCsiDrivers } from "./capabilities/node-csi-drivers.ts";
import { NodeDevices } from "./capabilities/node-devices.ts";
import { NodeRuntimes } from "./capabilities/node-runtimes.ts";
import type {
  DesiredPlugin,
  DesiredWorld,
  HostReport,
  PluginHost,
  PluginView,
} from "./contracts/plugin-host.ts";
import type { ContractKind } from "./contracts/plugin-types.ts";
import { DaemonManager } from "./daemons/daemon-manager.ts";
import { defaultNumbers, type PluginHostOptions } from "./host-options.ts";
import { drainedReason, NodeDrain } from "./drain/node-drain.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import { LogKeeper } from "./launch/log-keeper.ts";
import { callsFile } from "./launch/instance-paths.ts";
import { allotUser } from "./launch/own-user.ts";
import { ManagedPlugin } from "./managed-plugin.ts";
import { FolderPackageStore } from "./package/package-store.ts";
import { RefusedPlugin } from "./refused-plugin.ts";
import { Departures, leaverOf } from "./sets/departures.ts";
import { type PresentPlugin, SetKeeper } from "./sets/set-keeper.ts";
import { shownInRole } from "./sets/shown-in-role.ts";
import { NeedBoard } from "./supervise/need-board.ts";
import { StartTurns } from "./supervise/start-turns.ts";
import { NodePluginTools } from "./tools/node-plugin-tools.ts";
import { AttachedPlugin } from "./upstream/attached-plugin.ts";
import { AttachedRuntimes } from "./upstream/attached-runtimes.ts";
import { KubeletRoot } from "./upstream/kubelet-root.ts";
import { RegisteredPlugins } from "./upstream/registered-plugins.ts";

export interface PluginHostParts {
  readonly options: PluginHostOptions;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The plugins of a usual node all start at once, however few processors it has. */
const fewestStarts = 8;

/** For the plugins of a new set to become ready. */
const setBudgetMs = 60_000;
/** A change of a plugin is looked at at once; this finds that time is over. */
const setLookMs = 1000;

/** In teardown whoever uses others goes before them. */
const teardownOrder: readonly ContractKind[] = ["cri", "device", "csi", "cni"];

/** The plugin host of one node: compares the desired world with the plugins it has, and wakes whoever may go on. */
export class NodePluginHost implements PluginHost {
  readonly label: string;
  readonly runtimes: NodeRuntimes;
  readonly csi: NodeCsiDrivers;
  readonly devices: NodeDevices;
  readonly network: NetworkBroker;
  readonly set: SetKeeper;
  readonly daemons: DaemonManager;
  readonly tools: NodePluginTools;
  readonly #parts: PluginHostParts;
  readonly #hierarchy: CgroupHierarchy | undefined = detectCgroups();
  readonly #watcher: PollingProcessWatcher;
  readonly #trace = new TraceSource();
  readonly #redaction = new CallRedaction();
  readonly #turns = new StartTurns(Math.max(fewestStarts, 2 * availableParallelism()));
  readonly #packages: FolderPackageStore;
  readonly #attachedRuntimes: AttachedRuntimes;
  readonly #needs: NeedBoard;
  readonly #plugins = new Map<string, HostedPlugin>();
  readonly #registered = new RegisteredPlugins({
    isTaken: (name) => this.#plugins.has(name),
    make: ({ desired, facts, notify }) => {
      const plugin = this.#makeAttached(desired, facts, notify);
      this.#observe(plugin);
      return plugin;
    },
    startAfter: (before, plugin) => this.#startAfter(before, plugin),
    takeAway: (plugin) => this.#takeAway(plugin),
  });
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #departures: Departures;
  readonly #drain: NodeDrain;
  #roles: ReadonlyMap<string, PresentPlugin["role"]> = new Map();
  #setDeadline: Timer | undefined;
  readonly #changed = new Emitter<PluginView>();
  readonly #removed = new Emitter<string>();
  readonly #reported = new Emitter<HostReport>();
  #kubeletRoot: KubeletRoot | undefined;
  readonly #logKeeper: LogKeeper;
  #stopped: Promise<void> | undefined;

  readonly onDidChange = this.#changed.event;
  readonly onDidRemove = this.#removed.event;
  readonly onDidReport = this.#reported.event;

  constructor(parts: PluginHostParts) {
    const { options, checkpoint, clock, logger } = parts;
    this.#parts = parts;
    this.label = `plugin host of node ${options.nodeName}`;
    this.#watcher = new PollingProcessWatcher(clock);
    this.#logKeeper = new LogKeeper(options.paths.data, { clock, logger });
    this.#packages = new FolderPackageStore(join(options.paths.data, "packages"), options);
    this.network = new NetworkBroker({
      attachments: checkpoint.bucket("network.attachments"),
      known: checkpoint.bucket("network.known"),
      ownNetworks: () =>
        this.#all().flatMap((plugin) => (plugin instanceof AttachedPlugin ? (plugin.ownNetwork ?? []) : [])),
      clock,
      logger,
    });
    this.runtimes = new NodeRuntimes({
      clock,
      onSandboxes: (plugin, sandboxes, asOf) => this.network.retain(plugin, sandboxes, asOf),
    });
    this.#attachedRuntimes = new AttachedRuntimes({
      runtimes: this.runtimes,
      network: this.network,
      files: checkpoint.bucket("network.cniFiles"),
      nodeName: options.nodeName,
      folder: join(options.paths.run, "n"),
      program: options.cniProgram,
      clock,
      logger,
    });
    this.csi = new NodeCsiDrivers(options.paths.kubeletRoot, checkpoint);
    this.devices = new NodeDevices({ allocations: checkpoint.bucket("devices.allocations"), clock, logger });
    this.daemons = new DaemonManager({
      paths: options.paths,
      hierarchy: this.#hierarchy,
      cgroup: `${this.#cgroup}/d`,
      records: checkpoint.bucket("plugins.daemons"),
      watcher: this.#watcher,
      clock,
      logger,
    });
    this.#needs = new NeedBoard({
      plugins: () => this.#all(),
      daemon: (id) => this.daemons.notReadyReason(id),
      network: () => this.network.chainReason,
    });
    this.tools = new NodePluginTools({
      find: (name) => this.#all().find((plugin) => plugin.name === name),
      paths: options.paths,
      clock,
    });
    const budgetMs = options.setBudgetMs ?? setBudgetMs;
    this.set = new SetKeeper({ memory: checkpoint.bucket("plugins.set"), clock, budgetMs });
    this.#departures = new Departures({
      clock,
      onGone: (name) => {
        this.set.gone(name);
        this.#follow();
      },
      onDidChange: (name) => this.#tell(name),
    });
    this.#drain = new NodeDrain({
      out: checkpoint.bucket("plugins.drained"),
      clock,
      onOut: () => this.#follow(),
      onDidChange: (name) => this.#tell(name),
    });
    this.daemons.onDidChange(() => this.#wakeAll());
    this.network.onDidChange(() => this.#wakeAll());
  }

  /** Rejects with BERTH_NODE_TAKEN when another node or a real kubelet holds the kubelet root. */
  async start(): Promise<void> {
    const { options, clock, logger } = this.#parts;
    this.#kubeletRoot = await KubeletRoot.open(options.paths.kubeletRoot, {
      clock,
      logger,
      attach: (registered) => this.#registered.attach(registered),
      detach: (name) => this.#registered.detach(name),
    });
  }

  setDesired(world: DesiredWorld): void {
    if (this.#stopped) return;
    this.set.want(world);
    this.#drain.want(world.drained ?? false);
    this.#follow();
    this.#lookAtSet();
  }

  instances(): readonly PluginView[] {
    return this.#all().map((plugin) => this.#shown(plugin.status.view));
  }

  stop(mode: "teardown" | "leave"): Promise<void> {
    this.#stopped ??= this.#stop(mode);
    return this.#stopped;
  }

  dispose(): Promise<void> {
    return this.stop("leave");
  }

  get #cgroup(): string {
    return this.#parts.options.cgroup ?? `berth/${this.#parts.options.nodeName}`;
  }

  #all(): HostedPlugin[] {
    return [...this.#plugins.values(), ...this.#registered.list()];
  }

  /** Runs what the sets of the node ask for at this moment, in one step. */
  #follow(): void {
    if (this.#stopped) return;
    const { plugins, networkChain, defaultRuntimeHandler } = this.set.present;
    const wanted = new Map(plugins.map(({ desired, role }) => [desired.name, role]));
    const before = this.#roles;
    this.#roles = wanted;
    for (const name of this.#plugins.keys()) if (!wanted.has(name)) this.#remove(name);
    this.#attachedRuntimes.retain(new Set(wanted.keys()));
    for (const { desired, role } of plugins) {
      this.#adapter(desired.spec.contract).hold(desired.name, role !== "serving" || this.#drain.isOn);
      this.#want(this.#drain.isOut(desired.name) ? { ...desired, stopped: drainedReason } : desired);
    }
    this.#drain.watch([...this.#plugins.values()], ({ contract }) => this.#adapter(contract));
    this.network.setChain(networkChain);
    this.runtimes.setDefault(defaultRuntimeHandler);
    this.#departures.watch(
      [...this.#plugins.values()]
        .filter(({ name }) => wanted.get(name) === "leaving")
        .map((plugin) => leaverOf(plugin, this.#adapter(plugin.contract))),
    );
    for (const [name, role] of wanted) if (before.get(name) !== role || this.#drain.isOn) this.#tell(name);
  }

  #lookAtSet(): void {
    const views = this.#all().map((plugin) => plugin.status.view);
    if (this.set.look(views)) this.#follow();
    this.#setDeadline?.cancel();
    this.#setDeadline = this.set.isSwitching
      ? this.#parts.clock.after(setLookMs, () => this.#lookAtSet(), { background: true })
      : undefined;
  }

  #shown(view: PluginView): PluginView {
    const role = this.#roles.get(view.name) ?? "serving";
    return this.#drain.shown(shownInRole(view, role, this.#departures.left(view.name)));
  }

  #tell(name: string): void {
    const plugin = this.#plugins.get(name);
    if (plugin) this.#changed.fire(this.#shown(plugin.status.view));
  }

  #want(desired: DesiredPlugin): void {
    const known = this.#plugins.get(desired.name);
    const isAttached = desired.spec.source.endpoint !== undefined;
    if (known?.contract === desired.spec.contract && known instanceof AttachedPlugin === isAttached) {
      return known.update(desired);
    }
    if (known) this.#remove(desired.name);
    const plugin = this.#make(desired);
    this.#plugins.set(desired.name, plugin);
    this.#observe(plugin);
    void this.#startAfter(this.#leaving.get(desired.name), plugin);
  }

  /** Two of one name may not share its folders. */
  async #startAfter(before: Promise<void> | undefined, plugin: HostedPlugin): Promise<void> {
    await before;
    if (!this.#stopped) plugin.start();
  }

  #observe(plugin: HostedPlugin): void {
    plugin.status.onDidChange((view) => {
      this.#changed.fire(this.#shown(view));
      if (plugin instanceof AttachedPlugin && plugin.ownNetwork !== undefined) this.network.wake();
      this.#wakeAll(plugin.name);
      if (this.set.isSwitching) this.#lookAtSet();
    });
  }

  #makeAttached(
    desired: DesiredPlugin,
    facts: Readonly<Record<string, string>> = {},
    onOutcome?: (error: string | undefined) => void,
  ): AttachedPlugin {
    const { options, clock, logger } = this.#parts;
    return new AttachedPlugin(desired, {
      link: this.#link(desired.name),
      adapter:
        desired.spec.contract === "cri" ? this.#attachedRuntimes : this.#adapter(desired.spec.contract),
      clock,
      logger: logger.with({ plugin: desired.name }),
      health: options.numbers?.health ?? defaultNumbers.health,
      facts,
      ...(onOutcome ? { onOutcome } : {}),
    });
  }

  #make(desired: DesiredPlugin): HostedPlugin {
    const { options, checkpoint, clock, logger } = this.#parts;
    if (desired.spec.source.endpoint !== undefined) return this.#makeAttached(desired);
    const link = this.#link(desired.name);
    const users = checkpoint.bucket<number>("plugins.users");
    try {
      return new ManagedPlugin(desired, {
        nodeName: options.nodeName,
        paths: options.paths,
        hierarchy: this.#hierarchy,
        cgroup: `${this.#cgroup}/p/${desired.name}`,
        adoptionWindowMs: options.adoptionWindowMs ?? 60_000,
        uid: options.firstUid === undefined ? undefined : allotUser(users, desired.name, options.firstUid),
        numbers: { ...defaultNumbers, ...options.numbers },
        checkpoint,
        clock,
        logger: logger.with({ plugin: desired.name }),
        watcher: this.#watcher,
        packages: this.#packages,
        daemons: this.daemons,
        adapter: this.#adapter(desired.spec.contract),
        network: this.network,
        needs: this.#needs,
        turns: this.#turns,
        link,
        report: (report) => this.#reported.fire(report),
      });
    } catch (error) {
      if (!isBerthError(error)) throw error;
      return new RefusedPlugin(desired, link, error);
    }
  }

  #link(name: string): PluginLink {
    const ring = new LineRing(callsFile(this.#parts.options.paths, name));
    const recorder = new FlightRecorder(this.#redaction, ring);
    return new PluginLink(name, { clock: this.#parts.clock, trace: this.#trace, recorder });
  }

  #adapter(contract: ContractKind): ContractAdapter {
    return { cri: this.runtimes, csi: this.csi, cni: this.network, device: this.devices }[contract];
  }

  #remove(name: string): void {
    const plugin = this.#plugins.get(name);
    if (!plugin) return;
    this.#plugins.delete(name);
    this.#leaving.set(name, this.#takeAway(plugin));
  }

  async #takeAway(plugin: HostedPlugin): Promise<void> {
    await this.#end(plugin, "taken from this node");
    this.#leaving.delete(plugin.name);
    this.#removed.fire(plugin.name);
  }

  async #end(plugin: HostedPlugin, reason: string): Promise<void> {
    try {
      await plugin.remove(reason);
      plugin.link.recorder.close();
    } catch (error) {
      this.#parts.logger.error("a plugin could not be taken down", {
        plugin: plugin.name,
        error: errorMessage(error),
      });
    }
  }

  #wakeAll(except?: string): void {
    for (const plugin of this.#all()) if (plugin.name !== except) plugin.wake();
  }

  async #stop(mode: "teardown" | "leave"): Promise<void> {
    this.#setDeadline?.cancel();
    this.#departures.dispose();
    this.#drain.dispose();
    await Promise.all(this.#leaving.values());
    await this.#kubeletRoot?.dispose();
    if (mode === "leave") await Promise.all(this.#all().map((plugin) => plugin.leave()));
    else for (const contract of teardownOrder) await this.#endAll(contract);
    for (const { link } of this.#all()) link.recorder.close();
    await this.#attachedRuntimes.dispose();
    await (mode === "leave" ? this.daemons.leave() : this.daemons.teardown());
    await this.#logKeeper.dispose();
    this.#watcher.dispose();
    if (mode === "teardown") this.#hierarchy?.group(this.#cgroup).remove();
  }

  async #endAll(contract: ContractKind): Promise<void> {
    const plugins = this.#all().filter((plugin) => plugin.contract === contract);
    await Promise.all(plugins.map((plugin) => this.#end(plugin, "teardown")));
  }
}
