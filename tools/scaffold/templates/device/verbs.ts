import { type Call, PluginError } from "@berth/sdk";

/** v1beta1.DevicePlugin. Send the devices in listAndWatch and give them out in allocate. */
export class DeviceVerbs {
  getDevicePluginOptions() {
    return { pre_start_required: false, get_preferred_allocation_available: false };
  }

  async *listAndWatch(_request: unknown, call: Call) {
    yield { devices: [] };
    await new Promise<void>((resolve) => {
      call.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  allocate(request: { container_requests: { devices_ids: string[] }[] }) {
    const [id] = request.container_requests.flatMap(({ devices_ids }) => devices_ids);
    if (id !== undefined)
      throw new PluginError("NOT_FOUND", `there is no device ${id}`, "Choose from ListAndWatch.");
    return { container_responses: request.container_requests.map(() => ({})) };
  }
}
