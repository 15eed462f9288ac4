import { type Call, type Implementation, PluginError } from "@berth/sdk";
import type { DevicePluginHandlers } from "@berth/proto/generated/deviceplugin/v1beta1/DevicePlugin.ts";
import type { ListAndWatchResponse } from "@berth/proto/generated/deviceplugin/v1beta1/ListAndWatchResponse.ts";
import type { GpuBackend } from "../backend/gpu-backend.ts";
import { contractHealth } from "../devices/device-health.ts";
import type { DeviceInventory, KnownGpu } from "../devices/inventory.ts";
import { preferredAllocation } from "../devices/preferred-allocation.ts";

type Verbs = Required<Implementation<DevicePluginHandlers, Call>>;
type Request<Name extends keyof Verbs> = Parameters<Verbs[Name]>[0];

/** v1beta1.DevicePlugin. Who has which device is the node's to remember; nothing is kept here. */
export class DeviceVerbs implements Implementation<DevicePluginHandlers, Call> {
  readonly #inventory: DeviceInventory;
  readonly #backend: GpuBackend;
  readonly #options: { resource: string; inject: "nodes" | "cdi" };

  constructor(
    inventory: DeviceInventory,
    backend: GpuBackend,
    options: { resource: string; inject: "nodes" | "cdi" },
  ) {
    this.#inventory = inventory;
    this.#backend = backend;
    this.#options = options;
  }

  getDevicePluginOptions() {
    return { pre_start_required: true, get_preferred_allocation_available: true };
  }

  async *listAndWatch(_request: unknown, call: Call): AsyncGenerator<ListAndWatchResponse> {
    let wake = Promise.withResolvers<void>();
    const listening = this.#inventory.onDidChange(() => wake.resolve());
    const onAbort = (): void => wake.resolve();
    call.signal.addEventListener("abort", onAbort, { once: true });
    try {
      let sent = "";
      while (!call.signal.aborted) {
        wake = Promise.withResolvers<void>();
        const devices = this.#inventory.gpus.map(deviceMessage);
        const text = JSON.stringify(devices);
        if (text !== sent) yield { devices };
        sent = text;
        await wake.promise;
      }
    } finally {
      call.signal.removeEventListener("abort", onAbort);
      await listening.dispose();
    }
  }

  getPreferredAllocation(request: Request<"getPreferredAllocation">) {
    return {
      container_responses: request.container_requests.map((one) => ({
        deviceIDs: preferredAllocation(this.#inventory.gpus, {
          available: one.available_deviceIDs,
          mustInclude: one.must_include_deviceIDs,
          size: one.allocation_size,
        }),
      })),
    };
  }

  async allocate(request: Request<"allocate">) {
    return {
      container_responses: await Promise.all(
        request.container_requests.map(async ({ devices_ids }) =>
          this.#give(devices_ids.map((id) => this.#usable(id))),
        ),
      ),
    };
  }

  /** The last look before a container starts: a device may have failed since it was given. */
  preStartContainer(request: Request<"preStartContainer">) {
    for (const id of request.devices_ids) this.#usable(id);
    return {};
  }

  async #give(gpus: readonly KnownGpu[]) {
    const { resource, inject } = this.#options;
    const nodes = inject === "nodes" ? await this.#backend.nodes(gpus) : [];
    return {
      envs: { NVIDIA_VISIBLE_DEVICES: gpus.map(({ id }) => id).join(","), ...this.#backend.environment },
      devices: nodes.map(({ hostPath, containerPath }) => ({
        host_path: hostPath,
        container_path: containerPath,
        permissions: "rw",
      })),
      cdi_devices: inject === "cdi" ? gpus.map(({ id }) => ({ name: `${resource}=${id}` })) : [],
    };
  }

  #usable(id: string): KnownGpu {
    const gpu = this.#inventory.gpus.find((one) => one.id === id);
    if (!gpu) {
      throw new PluginError(
        "NOT_FOUND",
        `there is no device ${JSON.stringify(id)} here`,
        "Choose from ListAndWatch.",
      );
    }
    if (contractHealth(gpu.health) === "Healthy") return gpu;
    throw new PluginError(
      "FAILED_PRECONDITION",
      `device ${id} is ${gpu.health.state}: ${gpu.health.evidence}`,
      "Choose another, or wait until it has recovered.",
    );
  }
}

function deviceMessage(gpu: KnownGpu) {
  return {
    ID: gpu.id,
    health: contractHealth(gpu.health),
    ...(gpu.numaNode === undefined ? {} : { topology: { nodes: [{ ID: String(gpu.numaNode) }] } }),
  };
}
