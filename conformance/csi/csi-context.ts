import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Connection, type PromiseClient, services } from "@berth/verbs";
import type {
  ControllerDefinition,
  ControllerHandlers,
} from "@berth/proto/generated/csi/csi/v1/Controller.ts";
import type { IdentityDefinition, IdentityHandlers } from "@berth/proto/generated/csi/csi/v1/Identity.ts";
import type { NodeDefinition, NodeHandlers } from "@berth/proto/generated/csi/csi/v1/Node.ts";
import type { CreateVolumeRequest } from "@berth/proto/generated/csi/csi/v1/CreateVolumeRequest.ts";
import type { Target } from "../suite.ts";

export const writer = { mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" as const } };

interface Place {
  readonly volumeId: string;
  readonly path: string;
}

/** Clients of one driver, what it claims, and everything that the run made with it. */
export class CsiContext {
  readonly target: Target;
  readonly identity: PromiseClient<IdentityDefinition, IdentityHandlers>;
  readonly controller: PromiseClient<ControllerDefinition, ControllerHandlers>;
  readonly node: PromiseClient<NodeDefinition, NodeHandlers>;
  pluginCapabilities: ReadonlySet<string> = new Set();
  controllerCapabilities: ReadonlySet<string> = new Set();
  nodeCapabilities: ReadonlySet<string> = new Set();
  readonly #connection: Connection;
  readonly #volumes = new Set<string>();
  readonly #snapshots = new Set<string>();
  #staged: Place[] = [];
  #published: Place[] = [];
  #names = 0;

  constructor(target: Target) {
    this.target = target;
    this.#connection = new Connection(target.endpoint);
    this.identity = this.#connection.client(services.csiIdentity);
    this.controller = this.#connection.client(services.csiController);
    this.node = this.#connection.client(services.csiNode);
  }

  async learn(): Promise<void> {
    const plugin = await this.identity.getPluginCapabilities({});
    this.pluginCapabilities = new Set(plugin.capabilities.flatMap(({ service }) => service?.type ?? []));
    if (this.pluginCapabilities.has("CONTROLLER_SERVICE")) {
      const { capabilities } = await this.controller.controllerGetCapabilities({});
      this.controllerCapabilities = new Set(capabilities.flatMap(({ rpc }) => rpc?.type ?? []));
    }
    const { capabilities } = await this.node.nodeGetCapabilities({});
    this.nodeCapabilities = new Set(capabilities.flatMap(({ rpc }) => rpc?.type ?? []));
  }

  uniqueName(): string {
    return `${this.target.prefix}-${++this.#names}`;
  }

  /** Creates and remembers; the answer of the driver as it is. */
  async createVolume(request: Partial<CreateVolumeRequest> = {}) {
    const { volume } = await this.controller.createVolume({
      name: this.uniqueName(),
      volume_capabilities: [writer],
      ...request,
    });
    if (volume) this.#volumes.add(volume.volume_id);
    return volume!;
  }

  async createSnapshot(sourceVolumeId: string, name = this.uniqueName()) {
    const { snapshot } = await this.controller.createSnapshot({ name, source_volume_id: sourceVolumeId });
    if (snapshot) this.#snapshots.add(snapshot.snapshot_id);
    return snapshot!;
  }

  async stage(volumeId: string): Promise<string> {
    const path = join(this.target.workFolder, `staging-${this.#names}`);
    if (!this.nodeCapabilities.has("STAGE_UNSTAGE_VOLUME")) return "";
    await mkdir(path, { recursive: true });
    this.#staged.push({ volumeId, path });
    await this.node.nodeStageVolume({
      volume_id: volumeId,
      staging_target_path: path,
      volume_capability: writer,
    });
    return path;
  }

  async publish(volumeId: string, staging: string, options: { readonly?: boolean; name?: string } = {}) {
    const path = join(this.target.workFolder, options.name ?? `target-${this.#names}`);
    this.#published.push({ volumeId, path });
    await this.node.nodePublishVolume({
      volume_id: volumeId,
      staging_target_path: staging,
      target_path: path,
      volume_capability: writer,
      readonly: options.readonly ?? false,
    });
    return path;
  }

  /** Undoes in reverse; what is listed afterwards and bears our prefix or ids is left behind. */
  async cleanUp(): Promise<string[]> {
    for (const { volumeId, path } of this.#published.splice(0).toReversed()) {
      await this.node.nodeUnpublishVolume({ volume_id: volumeId, target_path: path });
    }
    for (const { volumeId, path } of this.#staged.splice(0).toReversed()) {
      await this.node.nodeUnstageVolume({ volume_id: volumeId, staging_target_path: path });
      await rm(path, { recursive: true, force: true });
    }
    const snapshots = [...this.#snapshots];
    const volumes = [...this.#volumes];
    this.#snapshots.clear();
    this.#volumes.clear();
    for (const id of snapshots) await this.controller.deleteSnapshot({ snapshot_id: id });
    for (const id of volumes) await this.controller.deleteVolume({ volume_id: id });
    return [...(await this.#listedVolumes(volumes)), ...(await this.#listedSnapshots(snapshots))];
  }

  close(): void {
    this.#connection.dispose();
  }

  async #listedVolumes(ids: readonly string[]): Promise<string[]> {
    if (!this.controllerCapabilities.has("LIST_VOLUMES") || ids.length === 0) return [];
    const { entries } = await this.controller.listVolumes({});
    return entries.flatMap(({ volume }) =>
      volume && ids.includes(volume.volume_id) ? [`volume ${volume.volume_id}`] : [],
    );
  }

  async #listedSnapshots(ids: readonly string[]): Promise<string[]> {
    if (!this.controllerCapabilities.has("LIST_SNAPSHOTS") || ids.length === 0) return [];
    const { entries } = await this.controller.listSnapshots({});
    return entries.flatMap(({ snapshot }) =>
      snapshot && ids.includes(snapshot.snapshot_id) ? [`snapshot ${snapshot.snapshot_id}`] : [],
    );
  }
}

/** For cases that need what a driver may lack. */
export function needs(side: "plugin" | "controller" | "node", ...capabilities: string[]) {
  return (context: CsiContext): string | undefined => {
    const claimed = {
      plugin: context.pluginCapabilities,
      controller: context.controllerCapabilities,
      node: context.nodeCapabilities,
    }[side];
    const lacking = capabilities.filter((capability) => !claimed.has(capability));
    return lacking.length > 0 ? `the driver does not claim ${lacking.join(", ")} (${side})` : undefined;
  };
}
