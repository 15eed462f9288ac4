import { join } from "node:path";
import { Emitter, type Timer } from "@berth/base";
import { type CgroupHierarchy, detectCgroups, PollingProcessWatcher } from "@berth/linux";
import { NetworkBroker } from "./broker/network-broker.ts";
import type { ContractAdapter } from "./capabilities/contract-adapter.ts";
import { NodeCsiDrivers } from "./capabilities/node-csi-drivers.ts";
import { NodeDevices } from "./capabilities/node-devices.ts";
import { NodeRuntimes } from "./capabilities/node-runtimes.ts";
import type { DesiredWorld, HostReport, PluginHost, PluginView } from "./contracts/plugin-host.ts";
import type { ContractKind } from "./contracts/plugin-types.ts";
import { DaemonManager } from "./daemons/daemon-manager.ts";
import { drainedReason, NodeDrain } from "./drain/node-drain.ts";
import { defaultNumbers, type PluginHostParts } from "./host-options.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import { LogKeeper } from "./launch/log-keeper.ts";
import { PluginMaker } from "./plugin-maker.ts";
import { PluginRoster } from "./plugin-roster.ts";
import { Departures, leaverOf } from "./sets/departures.ts";
import { type PresentPlugin, SetKeeper } from "./sets/set-keeper.ts";
import { shownInRole } from "./sets/shown-in-role.ts";
import { NeedBoard } from "./supervise/need-board.ts";
import { NodePluginTools } from "./tools/node-plugin-tools.ts";
import { AttachedPlugin } from "./upstream/attached-plugin.ts";
import { AttachedRuntimes } from "./upstream/attached-runtimes.ts";
import { KubeletRoot } from "./upstream/kubelet-root.ts";

/** For the plugins of a new set to become ready. */
const setBudgetMs = 60_000;
/** A change of a plugin is looked at at once; this finds that time is over. */
const setLookMs = 1000;

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
  readonly #roster: PluginRoster;
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
      ownNetworks: () => this.#roster.all().flatMap((plugin) => ownNetworkOf(plugin) ?? []),
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
    this.csi = new NodeCsiDrivers(options.paths.kubeletRoot, { checkpoint, logger });
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
        plugins: () => this.#roster.all(),
        daemon: (id) => this.daemons.notReadyReason(id),
        network: () => this.network.chainReason,
      }),
      adapter: (contract) => this.#adapter(contract),
      attachedAdapter: (contract) => (contract === "cri" ? this.#attachedRuntimes : this.#adapter(contract)),
      report: (report) => this.#reported.fire(report),
    });
    this.#roster = new PluginRoster({
      maker: this.#maker,
      logger,
      onDidChange: (plugin) => this.#onChange(plugin),
      onDidRemove: (name) => this.#removed.fire(name),
    });
    this.tools = new NodePluginTools({
      find: (name) => this.#roster.find(name),
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
    this.daemons.onDidChange(() => this.#roster.wakeAll());
    this.network.onDidChange(() => this.#roster.wakeAll());
  }

  /** Rejects with BERTH_NODE_TAKEN when another node or a real kubelet holds the kubelet root. */
  async start(): Promise<void> {
    const { options, clock, logger } = this.#parts;
    this.#kubeletRoot = await KubeletRoot.open(options.paths.kubeletRoot, {
      clock,
      logger,
      rescanMs: options.numbers?.rescanMs ?? defaultNumbers.rescanMs,
      attach: (registered) => this.#roster.attach(registered),
      detach: (name) => this.#roster.detach(name),
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
    return this.#roster.all().map((plugin) => this.#shown(plugin));
  }

  stop(mode: "teardown" | "leave"): Promise<void> {
    this.#stopped ??= this.#stop(mode);
    return this.#stopped;
  }

  async abandonRuntimes(): Promise<void> {
    this.#isAbandoned = true;
    await Promise.all([
      this.daemons.teardown(0),
      this.#roster.abandon("cri", (name) => this.network.retain(name, new Set(), Number.POSITIVE_INFINITY)),
    ]);
  }

  dispose(): Promise<void> {
    return this.stop("leave");
  }

  get #cgroup(): string {
    return this.#parts.options.cgroup ?? `berth/${this.#parts.options.nodeName}`;
  }

  #adapter(contract: ContractKind): ContractAdapter {
    return { cri: this.runtimes, csi: this.csi, cni: this.network, device: this.devices }[contract];
  }

  /** Runs what the sets of the node ask for at this moment, in one step. */
  #follow(): void {
    if (this.#stopped || this.#isAbandoned) return;
    const { plugins, networkChain, defaultRuntimeHandler } = this.set.present;
    const roles = new Map(plugins.map(({ desired, role }) => [desired.name, role]));
    const names = new Set(roles.keys());
    const before = this.#roles;
    this.#roles = roles;
    this.#roster.retain(names);
    this.#attachedRuntimes.retain(names);
    for (const { desired, role } of plugins) {
      this.#adapter(desired.spec.contract).hold(desired.name, role !== "serving" || this.#drain.isOn);
      this.#roster.want(this.#drain.isOut(desired.name) ? { ...desired, stopped: drainedReason } : desired);
    }
    const wanted = this.#roster.wanted();
    this.#drain.watch(wanted, ({ contract }) => this.#adapter(contract));
    this.network.setChain(networkChain);
    this.runtimes.setDefault(defaultRuntimeHandler);
    const leaving = wanted.filter(({ name }) => roles.get(name) === "leaving");
    this.#departures.watch(leaving.map((plugin) => leaverOf(plugin, this.#adapter(plugin.contract))));
    for (const [name, role] of roles) if (before.get(name) !== role || this.#drain.isOn) this.#tell(name);
  }

  #lookAtSet(): void {
    const views = this.#roster.all().map((plugin) => plugin.status.view);
    if (this.set.look(views)) this.#follow();
    this.#setDeadline?.cancel();
    this.#setDeadline = this.set.isSwitching
      ? this.#parts.clock.after(setLookMs, () => this.#lookAtSet(), { background: true })
      : undefined;
  }

  #onChange(plugin: HostedPlugin): void {
    this.#changed.fire(this.#shown(plugin));
    if (ownNetworkOf(plugin) !== undefined) this.network.wake();
    this.#roster.wakeAll(plugin.name);
    if (this.set.isSwitching) this.#lookAtSet();
  }

  #tell(name: string): void {
    const plugin = this.#roster.find(name);
    if (plugin) this.#changed.fire(this.#shown(plugin));
  }

  #shown({ name, status }: HostedPlugin): PluginView {
    const role = this.#roles.get(name) ?? "serving";
    return this.#drain.shown(shownInRole(status.view, role, this.#departures.left(name)));
  }

  async #stop(mode: "teardown" | "leave"): Promise<void> {
    this.#setDeadline?.cancel();
    this.#departures.dispose();
    this.#drain.dispose();
    await this.#roster.close();
    await this.#kubeletRoot?.dispose();
    await (mode === "leave" ? this.#roster.leave() : this.#roster.teardown());
    this.#maker.dispose();
    await this.#attachedRuntimes.dispose();
    await (mode === "leave" ? this.daemons.leave() : this.daemons.teardown());
    await this.#logKeeper.dispose();
    this.#watcher.dispose();
    if (mode === "teardown") this.#hierarchy?.group(this.#cgroup).remove();
  }
}

function ownNetworkOf(plugin: HostedPlugin): string | undefined {
  return plugin instanceof AttachedPlugin ? plugin.ownNetwork : undefined;
}
