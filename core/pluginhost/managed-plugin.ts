import { isDeepStrictEqual } from "node:util";
import { rm } from "node:fs/promises";
import type { Clock, Logger } from "@berth/base";
import { type CgroupHierarchy, type ProcessWatcher, unmountUnder } from "@berth/linux";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { hostServices } from "./broker/host-services.ts";
import { HostSocket } from "./broker/host-socket.ts";
import type { NetworkBroker } from "./broker/network-broker.ts";
import type { PluginLink } from "./call/plugin-link.ts";
import type { ContractAdapter } from "./capabilities/contract-adapter.ts";
import type { DesiredPlugin, HostReport } from "./contracts/plugin-host.ts";
import type { DebugEvent } from "./contracts/plugin-tools.ts";
import type { ContractKind } from "./contracts/plugin-types.ts";
import type { Daemons } from "./daemons/daemons.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import { HandshakeServer } from "./launch/handshake-server.ts";
import { instancePaths, type NodePaths } from "./launch/instance-paths.ts";
import { PluginGroups } from "./launch/plugin-groups.ts";
import type { PackageStore } from "./package/package-store.ts";
import { InstanceMemory } from "./supervise/instance-memory.ts";
import type { NeedBoard } from "./supervise/need-board.ts";
import type { PluginStatus } from "./supervise/plugin-status.ts";
import { PluginSupervisor } from "./supervise/plugin-supervisor.ts";
import type { StartTurns } from "./supervise/start-turns.ts";
import type { SupervisorNumbers } from "./supervise/supervisor-parts.ts";

export interface ManagedPluginParts {
  readonly nodeName: string;
  readonly paths: NodePaths;
  readonly hierarchy: CgroupHierarchy | undefined;
  readonly cgroup: string;
  readonly adoptionWindowMs: number;
  readonly uid: number | undefined;
  readonly numbers: SupervisorNumbers;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly watcher: ProcessWatcher;
  readonly packages: PackageStore;
  readonly daemons: Daemons;
  readonly adapter: ContractAdapter;
  readonly network: NetworkBroker;
  readonly needs: NeedBoard;
  readonly turns: StartTurns;
  readonly link: PluginLink;
  readonly report: (report: HostReport) => void;
}

/** One plugin of the node with everything that is its own: supervisor, sockets, control groups, link. */
export class ManagedPlugin implements HostedPlugin {
  readonly name: string;
  readonly contract: ContractKind;
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly #supervisor: PluginSupervisor;
  readonly #handshakes: HandshakeServer;
  readonly #host: HostSocket;
  readonly #folder: string;
  #desired: DesiredPlugin;

  /** Throws BERTH_SOCKET_PATH when the plugin's sockets would have paths that are too long. */
  constructor(desired: DesiredPlugin, parts: ManagedPluginParts) {
    const { nodeName, checkpoint, clock, logger, hierarchy } = parts;
    const { name } = desired;
    const paths = instancePaths(parts.paths, name);
    const { link } = parts;
    const host = new HostSocket(paths.host, logger);
    const services = hostServices(name, {
      network: parts.network,
      report: parts.report,
      telemetry: (state) => this.status.noteTelemetry(state),
    });
    this.name = name;
    this.contract = desired.spec.contract;
    this.#desired = desired;
    this.#folder = paths.folder;
    this.#host = host;
    this.#handshakes = new HandshakeServer(paths.handshake, logger);
    this.link = link;
    parts.adapter.expect(name);
    this.#supervisor = new PluginSupervisor(desired, link, {
      plugin: name,
      instance: `${name}.${nodeName}`,
      nodeName,
      paths,
      handshakes: this.#handshakes,
      groups: hierarchy && new PluginGroups(hierarchy, parts.cgroup),
      uid: parts.uid,
      records: checkpoint.bucket("plugins.processes"),
      memory: new InstanceMemory(checkpoint.bucket("plugins.instances"), name),
      watcher: parts.watcher,
      adoptionWindowMs: parts.adoptionWindowMs,
      clock,
      logger,
      packages: parts.packages,
      daemons: parts.daemons,
      adapter: parts.adapter,
      unmet: (needs) => parts.needs.unmet(name, needs),
      missing: (needs) => parts.needs.missing(name, needs),
      offerHost: (manifest) => host.offer(manifest.hostServices, services),
      report: (type, reason, message) => parts.report({ plugin: name, type, reason, message }),
      turns: parts.turns,
      numbers: parts.numbers,
    });
    this.status = this.#supervisor.status;
  }

  start(): void {
    this.#supervisor.start();
  }

  wake(): void {
    this.#supervisor.wake();
  }

  debug(signal: AbortSignal): AsyncIterable<DebugEvent> {
    return this.#supervisor.debug(signal);
  }

  get needs(): readonly string[] {
    return this.#supervisor.needs;
  }

  get isServing(): boolean {
    return this.#supervisor.isServing;
  }

  get isComing(): boolean {
    return this.#supervisor.isServing || this.status.state === "starting";
  }

  /** Does nothing when the definition is the one that is there already. */
  update(desired: DesiredPlugin): void {
    if (isDeepStrictEqual(desired, this.#desired)) return;
    this.#desired = desired;
    this.#supervisor.update(desired);
  }

  /** Ends the process for good and removes its sockets. Its state folder stays: it may hold a user's data. */
  async remove(reason: string, how?: "ask" | "kill"): Promise<void> {
    await this.#supervisor.remove(reason, how);
    await this.#handshakes.dispose();
    await this.#host.dispose();
    // Namespaces of sandboxes that it was not asked to remove.
    if (how === "kill") unmountUnder(this.#folder);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async leave(): Promise<void> {
    await this.#supervisor.leave();
    await this.#handshakes.dispose();
    await this.#host.dispose();
  }
}
