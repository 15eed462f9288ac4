import { Emitter } from "@berth/base";
import { services } from "@berth/verbs";
import type { CsiDriver, CsiDrivers } from "../contracts/plugin-host.ts";
import type { Bucket, Checkpoint } from "../../checkpoint/checkpoint.ts";
import { type ConnectedPlugin, type ContractAdapter, counted, type StillValid } from "./contract-adapter.ts";
import { readHeldVolumes } from "./held-volumes.ts";
import { type MadeRecord, MadeVolumes } from "./made-volumes.ts";

/** CSI drivers of the node by the names they give themselves. */
export class NodeCsiDrivers implements ContractAdapter, CsiDrivers {
  readonly #drivers = new Map<string, CsiDriver>();
  readonly #held = new Set<string>();
  readonly #made: MadeVolumes;
  readonly #kubeletRoot: string;
  /** Kubelet root under which a plugin served before: only there the records of its volumes are all there are. */
  readonly #known: Bucket<string>;
  readonly #changed = new Emitter<void>();

  readonly onDidChange = this.#changed.event;

  constructor(kubeletRoot: string, checkpoint: Pick<Checkpoint, "bucket">) {
    this.#kubeletRoot = kubeletRoot;
    this.#known = checkpoint.bucket("csi.known");
    this.#made = new MadeVolumes(checkpoint.bucket<MadeRecord>("csi.volumes"));
  }

  driver(name: string): CsiDriver | undefined {
    return this.list().find((driver) => driver.name === name);
  }

  list(): readonly CsiDriver[] {
    return [...this.#drivers.values()];
  }

  /** Nothing can be said of it before it connects. */
  expect(): void {}

  /** Volumes of other drivers are among them, which does no harm. */
  stillValid(plugin: string): { stillValid: StillValid[]; authoritative: boolean } {
    const held = readHeldVolumes(this.#kubeletRoot);
    return {
      stillValid: (held ?? []).map((id) => ({ kind: "volume", id, context: {} })),
      authoritative: held !== undefined && this.#known.get(plugin) === this.#kubeletRoot,
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
    const taken = [...this.#drivers].find(([owner, { name }]) => name === info.name && owner !== plugin.name);
    if (taken) throw new Error(`driver ${info.name} is already served by plugin ${taken[0]}`);
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
    if (held) this.#held.add(plugin);
    else this.#held.delete(plugin);
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
