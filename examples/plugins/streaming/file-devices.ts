import { mkdirSync, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Call, PluginError } from "@berth/sdk";

/** Each file in a folder is a device; a container that gets one finds it mounted at /devices/<name>. */
export class FileDevices {
  readonly #folder: string;

  constructor(stateDirectory: string) {
    this.#folder = join(stateDirectory, "devices");
    mkdirSync(this.#folder, { recursive: true });
  }

  getDevicePluginOptions() {
    return { pre_start_required: false, get_preferred_allocation_available: false };
  }

  /** Sends the list at once and on every change, until the caller goes. */
  async *listAndWatch(_request: unknown, call: Call) {
    let wake = Promise.withResolvers<void>();
    const watcher = watch(this.#folder, () => wake.resolve());
    call.signal.addEventListener("abort", () => wake.resolve(), { once: true });
    try {
      while (!call.signal.aborted) {
        // Before reading: a change while we read or send must not be missed.
        wake = Promise.withResolvers<void>();
        yield { devices: (await readdir(this.#folder)).map((ID) => ({ ID, health: "Healthy" })) };
        await wake.promise;
      }
    } finally {
      watcher.close();
    }
  }

  async allocate(request: { container_requests: { devices_ids: string[] }[] }) {
    const known = new Set(await readdir(this.#folder));
    const mountOf = (id: string) => {
      if (!known.has(id))
        throw new PluginError("NOT_FOUND", `there is no file ${id}`, "Choose from ListAndWatch.");
      return { host_path: join(this.#folder, id), container_path: `/devices/${id}`, read_only: false };
    };
    return {
      container_responses: request.container_requests.map(({ devices_ids }) => ({
        mounts: devices_ids.map(mountOf),
      })),
    };
  }
}
