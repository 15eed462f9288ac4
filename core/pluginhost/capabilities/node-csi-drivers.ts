import { Emitter, type Logger } from "@berth/base";
import { services } from "@berth/verbs";
import type { CsiDriver, CsiDrivers } from "../contracts/csi-drivers.ts";
import type { Bucket, Checkpoint } from "../../checkpoint/checkpoint.ts";
import { type ConnectedPlugin, type ContractAdapter, counted, type StillValid } from "./contract-adapter.ts";
import { readHeldVolumes } from "./held-volumes.ts";
import { sharedDriver } from "./shared-driver.ts";
import { type MadeRecord, MadeVolumes } from "./made-volumes.ts";

/** CSI drivers of the node by the names they give themselves. */
export class NodeCsiDrivers implements ContractAdapter, CsiDrivers {
  readonly #drivers = new Map<string, CsiDriver>();
  readonly #held = new Set<string>();
  readonly #made: MadeVolumes;
  readonly #kubeletRoot: string;
  readonly #logger: Logger;
  /** Kubelet root under which a plugin served before: only there the records of its volumes are all there are. */
  readonly #known: Bucket<string>;
  readonly #changed = new Emitter<void>();

  readonly onDidChange = this.#changed.event;

  constructor(kubeletRoot: string, parts: { checkpoint: Pick<Checkpoint, "bucket">; logger: Logger }) {
    const { checkpoint, logger } = parts;
    this.#kubeletRoot = kubeletRoot;
    this.#logger = logger;
    this.#known = checkpoint.bucket("csi.known");
    this.#made = new MadeVolumes(checkpoint.bucket<MadeRecord>("csi.volumes"));
  }

  driver(name: string): CsiDriver | undefined {
    const servers = [...this.#drivers].filter(([, driver]) => driver.name === name);
    if (servers.length === 0) return undefined;
    return sharedDriver(
      servers.map(([plugin, driver]) => ({
        driver,
        held: this.#held.has(plugin),
        has: (volume) => this.#made.has(plugin, volume),
      })),
    );
  }

  list(): readonly CsiDriver[] {
    const names = new Set([...this.#drivers.values()].map(({ name }) => name));
    return [...names].flatMap((name) => this.driver(name) ?? []);
  }

  /** Nothing can be said of it before it connects. */
  expect(): void {}

  /** Volumes of other drivers are among them, which does no harm. */
  stillValid(plugin: string): { stillValid: StillValid[]; authoritative: boolean } {
    const { handles, unreadable } = readHeldVolumes(this.#kubeletRoot);
    if (unreadable.length > 0)
      this.#logger.warn("volumes that no pod holds any more are kept: not all records can be read", {
        plugin,
        unreadable,
      });
    return {
      stillValid: handles.map((id) => ({ kind: "volume", id, context: {} })),
      authoritative: unreadable.length === 0 && this.#known.get(plugin) === this.#kubeletRoot,
    };
  }

  async connect(plugin: ConnectedPlugin): Promise<readonly string[]> {
    const identity = plugin.link.client(services.csiIdentity);
    const node = plugin.link.client(services.csiNode);
    const [info, capabilities, nodeCapabilities, nodeInfo] = await Promise.all([
      identity.getPluginInfo({}),
      identity.getPluginCapabilities({}),
      node.nodeGetCapabilities({}),
      node.nodeGetInfo({}),
    ]);
    this.#requireFree(info.name, plugin.name);
    const pluginCapabilities = new Set(capabilities.capabilities.map(({ service }) => service?.type ?? ""));
    const controller = pluginCapabilities.has("CONTROLLER_SERVICE") ? await controllerOf(plugin) : undefined;
    const isHeld = (): boolean => this.#held.has(plugin.name);
    this.#drivers.set(plugin.name, {
      name: info.name,
      plugin: plugin.madeBy,
      ready: true,
      nodeId: nodeInfo.node_id,
      topology: { ...nodeInfo.accessible_topology?.segments },
      maxVolumesPerNode: Number(nodeInfo.max_volumes_per_node),
      nodeCapabilities: new Set(nodeCapabilities.capabilities.map(({ rpc }) => rpc?.type ?? "")),
      pluginCapabilities,
      node: this.#made.node(plugin.name, plugin.madeBy, node),
      controller: controller && this.#made.controller(plugin.name, plugin.madeBy, controller, isHeld),
    });
    if (plugin.mode === "managed") this.#known.put(plugin.name, this.#kubeletRoot);
    this.#changed.fire();
    return [`csi:${info.name}`];
  }

  disconnect(plugin: string): void {
    const driver = this.#drivers.get(plugin);
    if (!driver) return;
    this.#drivers.set(plugin, { ...driver, ready: false });
    this.#changed.fire();
  }

  hold(plugin: string, held: boolean): void {
    if (held === this.#held.has(plugin)) return;
    if (held) this.#held.add(plugin);
    else this.#held.delete(plugin);
    this.#changed.fire();
  }

  made(plugin: string): string {
    return counted(this.#made.count(plugin), "volume", "volumes");
  }

  madeHere(plugin: string): string {
    return counted(this.#made.countHere(plugin), "volume", "volumes");
  }

  forget(plugin: string): void {
    this.#held.delete(plugin);
    this.#drivers.delete(plugin);
    this.#known.delete(plugin);
    this.#changed.fire();
  }

  /** One may follow another under the driver's name; two in force at once would each make its own volumes. */
  #requireFree(name: string, plugin: string): void {
    if (this.#held.has(plugin)) return;
    const isInForce = ([other, driver]: [string, CsiDriver]): boolean =>
      driver.name === name && other !== plugin && !this.#held.has(other);
    const [owner] = [...this.#drivers].find(isInForce) ?? [];
    if (owner !== undefined) throw new Error(`driver ${name} is already served by plugin ${owner}`);
  }
}

/** A driver that merely appeared may bring its own provisioner: two of them would make every volume twice. */
async function controllerOf(plugin: ConnectedPlugin): Promise<CsiDriver["controller"]> {
  if (plugin.mode === "attached" && plugin.spec.controller !== "berth") return undefined;
  const client = plugin.link.client(services.csiController);
  const { capabilities } = await client.controllerGetCapabilities({});
  return {
    ...client,
    capabilities: new Set(capabilities.map(({ rpc }) => rpc?.type ?? "")),
  };
}
