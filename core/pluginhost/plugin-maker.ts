import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Disposable, isBerthError } from "@berth/base";
import type { CgroupHierarchy, ProcessWatcher } from "@berth/linux";
import type { NetworkBroker } from "./broker/network-broker.ts";
import { CallRedaction } from "./call/call-redaction.ts";
import { FlightRecorder } from "./call/flight-recorder.ts";
import { FlushRound } from "./call/flush-round.ts";
import { LineRing } from "./call/line-ring.ts";
import { PluginLink } from "./call/plugin-link.ts";
import { TraceSource } from "./call/trace-source.ts";
import type { ContractAdapter } from "./capabilities/contract-adapter.ts";
import type { DesiredPlugin, HostReport } from "./contracts/plugin-host.ts";
import type { ContractKind } from "./contracts/plugin-types.ts";
import type { Daemons } from "./daemons/daemons.ts";
import { defaultNumbers, type PluginHostParts } from "./host-options.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import { callsFile } from "./launch/instance-paths.ts";
import { allotUser } from "./launch/own-user.ts";
import { ManagedPlugin } from "./managed-plugin.ts";
import { FolderPackageStore } from "./package/package-store.ts";
import { RefusedPlugin } from "./refused-plugin.ts";
import type { NeedBoard } from "./supervise/need-board.ts";
import { StartTurns } from "./supervise/start-turns.ts";
import { AttachedPlugin } from "./upstream/attached-plugin.ts";

/** The plugins of a usual node all start at once, however few processors it has. */
const fewestStarts = 8;

export interface PluginMakerParts extends PluginHostParts {
  readonly hierarchy: CgroupHierarchy | undefined;
  /** Control group of the node. */
  readonly cgroup: string;
  readonly watcher: ProcessWatcher;
  readonly daemons: Daemons;
  readonly network: NetworkBroker;
  readonly needs: NeedBoard;
  readonly adapter: (contract: ContractKind) => ContractAdapter;
  readonly attachedAdapter: (contract: ContractKind) => ContractAdapter;
  readonly report: (report: HostReport) => void;
}

/** Makes the plugins of one node, and is what they share: packages, users, turns to start, traces, recorders. */
export class PluginMaker implements Disposable {
  readonly label = "plugins in the making";
  readonly #parts: PluginMakerParts;
  readonly #packages: FolderPackageStore;
  readonly #turns = new StartTurns(Math.max(fewestStarts, 2 * availableParallelism()));
  readonly #trace = new TraceSource();
  readonly #redaction = new CallRedaction();
  readonly #flushes = new FlushRound();

  constructor(parts: PluginMakerParts) {
    this.#parts = parts;
    const { options, pullSecrets } = parts;
    this.#packages = new FolderPackageStore(join(options.paths.data, "packages"), {
      ...options,
      pullSecrets,
    });
  }

  /** Of an object: attached where it names an endpoint, else run by this host. */
  make(desired: DesiredPlugin): HostedPlugin {
    if (desired.spec.source.endpoint !== undefined) return this.makeAttached(desired);
    const link = this.#link(desired.name);
    try {
      return this.#makeManaged(desired, link);
    } catch (error) {
      if (!isBerthError(error)) throw error;
      return new RefusedPlugin(desired, link, error);
    }
  }

  /** `onOutcome` hears whether a plugin that registered itself was taken. */
  makeAttached(
    desired: DesiredPlugin,
    facts: Readonly<Record<string, string>> = {},
    onOutcome?: (error: string | undefined) => void,
  ): AttachedPlugin {
    const { options, clock, logger } = this.#parts;
    return new AttachedPlugin(desired, {
      link: this.#link(desired.name),
      adapter: this.#parts.attachedAdapter(desired.spec.contract),
      clock,
      logger: logger.with({ plugin: desired.name }),
      health: options.numbers?.health ?? defaultNumbers.health,
      facts,
      ...(onOutcome ? { onOutcome } : {}),
    });
  }

  /** After the last plugin is gone. */
  dispose(): void {
    this.#flushes.dispose();
  }

  #makeManaged(desired: DesiredPlugin, link: PluginLink): ManagedPlugin {
    const { options, checkpoint, clock, logger, hierarchy, watcher, daemons, network, needs, report } =
      this.#parts;
    const { name } = desired;
    const users = checkpoint.bucket<number>("plugins.users");
    return new ManagedPlugin(desired, {
      nodeName: options.nodeName,
      paths: options.paths,
      hierarchy,
      cgroup: `${this.#parts.cgroup}/p/${name}`,
      adoptionWindowMs: options.adoptionWindowMs ?? 60_000,
      uid: options.firstUid === undefined ? undefined : allotUser(users, name, options.firstUid),
      numbers: { ...defaultNumbers, ...options.numbers },
      checkpoint,
      clock,
      logger: logger.with({ plugin: name }),
      watcher,
      packages: this.#packages,
      daemons,
      adapter: this.#parts.adapter(desired.spec.contract),
      network,
      needs,
      turns: this.#turns,
      link,
      report,
    });
  }

  #link(name: string): PluginLink {
    const { options, clock } = this.#parts;
    const ring = new LineRing(callsFile(options.paths, name));
    const recorder = new FlightRecorder(this.#redaction, ring, this.#flushes);
    return new PluginLink(name, { clock, trace: this.#trace, recorder });
  }
}
