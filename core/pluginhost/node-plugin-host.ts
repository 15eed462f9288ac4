import { join } from "node:path";
import { Emitter, errorMessage, type Timer } from "@berth/base";
import { type CgroupHierarchy, detectCgroups, PollingProcessWatcher } from "@berth/linux";
import { NetworkBroker } from "./broker/network-broker.ts";
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
import { defaultNumbers, type PluginHostParts } from "./host-options.ts";
import { drainedReason, NodeDrain } from "./drain/node-drain.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import { LogKeeper } from "./launch/log-keeper.ts";
import { PluginMaker } from "./plugin-maker.ts";
import { Departures, leaverOf } from "./sets/departures.ts";
import { type PresentPlugin, SetKeeper } from "./sets/set-keeper.ts";
import { shownInRole } from "./sets/shown-in-role.ts";
import { NeedBoard } from "./supervise/need-board.ts";
import { NodePluginTools } from "./tools/node-plugin-tools.ts";
import { AttachedPlugin } from "./upstream/attached-plugin.ts";
import { AttachedRuntimes } from "./upstream/attached-runtimes.ts";
import { KubeletRoot } from "./upstream/kubelet-root.ts";
import { RegisteredPlugins } from "./upstream/registered-plugins.ts";

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
  readonly #attachedRuntimes: AttachedRuntimes;
  readonly #maker: PluginMaker;
  readonly #plugins = new Map<string, HostedPlugin>();
  readonly #registered = new RegisteredPlugins({
    isTaken: (name) => this.#plugins.has(name),
    make: ({ desired, facts, notify }) => {
      const plugin = this.#maker.makeAttached(desired, facts, notify);
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
  /** Its runtimes are gone for good, whatever the objects say. */
  #isAbandoned = false;

  readonly onDidChange = this.#changed.event;
  readonly onDidRemove = this.#removed.event;
  readonly onDidReport = this.#reported.event;

  constructor(parts: PluginHostParts) {
    const { options, checkpoint, clock, logger } = parts;
    this.#parts = parts;
    this.label = `plugin host of node ${options.nodeName}`;
    this.#watcher = new PollingProcessWatcher(clock);
    this.#logKeeper = new LogKeeper(options.paths.data, { clock, logger });
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
    this.#maker = new PluginMaker({
      ...parts,
      hierarchy: this.#hierarchy,
      cgroup: this.#cgroup,
      watcher: this.#watcher,
      daemons: this.daemons,
      network: this.network,
      needs: new NeedBoard({
        plugins: () => this.#all(),
        daemon: (id) => this.daemons.notReadyReason(id),
        network: () => this.network.chainReason,
      }),
      adapter: (contract) => this.#adapter(contract),
      attachedAdapter: (contract) => (contract === "cri" ? this.#attachedRuntimes : this.#adapter(contract)),
      report: (report) => this.#reported.fire(report),
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
      rescanMs: options.numbers?.rescanMs ?? defaultNumbers.rescanMs,
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

  async abandonRuntimes(): Promise<void> {
    this.#isAbandoned = true;
    const runtimes = [...this.#plugins.values()].filter(({ contract }) => contract === "cri");
    await Promise.all([
      this.daemons.teardown(0),
      ...runtimes.map(async (plugin) => {
        this.#plugins.delete(plugin.name);
        await this.#end(plugin, "teardown", "kill");
        await this.network.retain(plugin.name, new Set(), Number.POSITIVE_INFINITY);
      }),
    ]);
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
    if (this.#stopped || this.#isAbandoned) return;
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
    const plugin = this.#maker.make(desired);
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

  async #end(plugin: HostedPlugin, reason: string, how?: "kill"): Promise<void> {
    try {
      await plugin.remove(reason, how);
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
    this.#maker.dispose();
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
