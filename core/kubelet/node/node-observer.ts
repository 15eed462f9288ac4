import type { ContainerImage, NodeRuntimeHandler, NodeStatus } from "../../api/index.ts";
import type { Devices, NodeNetwork, RuntimeHandler, Runtimes } from "../../pluginhost/contracts/index.ts";
import { type MachineFacts, readUsage } from "./machine.ts";
import type { PressureThresholds } from "./node-conditions.ts";
import { nodeStatus, type Reserved } from "./node-status.ts";

const shownImages = 50;

export interface ObserverParts {
  readonly machine: MachineFacts;
  readonly reserved: Reserved;
  readonly thresholds: PressureThresholds;
  readonly maxPods: number;
  readonly addresses: readonly string[];
  readonly nodeName: string;
  readonly kubeletPort: () => number;
  readonly kubeletVersion: string;
  readonly folder: string;
  readonly runtimes: Runtimes;
  readonly network: NodeNetwork;
  readonly devices: Devices;
  readonly now: () => number;
}

/** Puts the node's status together from the machine and the plugins as they are now. */
export class NodeObserver {
  readonly #parts: ObserverParts;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  async status(previous: NodeStatus): Promise<NodeStatus> {
    const parts = this.#parts;
    const handler = parts.runtimes.handler("");
    const [usage, version, images] = await Promise.all([
      readUsage(parts.folder),
      handler?.ready ? runtimeVersion(handler) : undefined,
      handler?.ready ? readImages(handler) : undefined,
    ]);
    return nodeStatus({
      ...parts,
      kubeletPort: parts.kubeletPort(),
      usage,
      runtimeVersion: version,
      runtimeHandlers: this.#handlers(),
      images: images ?? previous.images ?? [],
      devices: parts.devices.list(),
      missing: this.#missing(handler),
      previous,
      now: parts.now(),
    });
  }

  #handlers(): NodeRuntimeHandler[] {
    const names = this.#parts.runtimes.list().flatMap((handler) => (handler.ready ? [handler.name] : []));
    return [...new Set(names)].toSorted().map((name) => ({ name }));
  }

  #missing(handler: RuntimeHandler | undefined): Record<string, string> {
    const { network } = this.#parts;
    const missing: Record<string, string> = {};
    if (!handler)
      missing["runtime"] = "no plugin of contract cri serves the default runtime; apply a PluginSet with one";
    else if (!handler.ready)
      missing["runtime"] = `plugin ${handler.plugin} is not ready; kubectl get plugininstances shows why`;
    else if (handler.unready !== "")
      missing["runtime"] = `plugin ${handler.plugin} says it is not ready: ${handler.unready}`;
    if (!network.ready) missing["network"] = network.reason;
    return missing;
  }
}

/** Undefined when the runtime does not answer: its plugin's readiness tells that soon enough. */
async function runtimeVersion(handler: RuntimeHandler): Promise<string | undefined> {
  try {
    const { runtime_name: name, runtime_version: version } = await handler.cri.version({});
    return `${name}://${version}`;
  } catch {
    return undefined;
  }
}

async function readImages(handler: RuntimeHandler): Promise<ContainerImage[] | undefined> {
  try {
    const { images } = await handler.cri.listImages({});
    return images
      .map((image) => ({
        names: [...image.repo_digests, ...image.repo_tags].toSorted(),
        sizeBytes: Number(image.size),
      }))
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, shownImages);
  } catch {
    return undefined;
  }
}
