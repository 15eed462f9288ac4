import { createToken, systemClock } from "@berth/base";
import { definePlugin, implement, services } from "@berth/sdk";
import type { GpuBackend } from "./backend/gpu-backend.ts";
import { NvmlBackend } from "./backend/real.ts";
import { SimulatedBackend } from "./backend/simulated.ts";
import type { GpuConfig } from "./config.ts";
import { GpuLife } from "./devices/gpu-life.ts";
import { DeviceInventory } from "./devices/inventory.ts";
import { DeviceVerbs } from "./verbs/device-verbs.ts";

const Backend = createToken<GpuBackend>("device-gpu.backend");
const Inventory = createToken<DeviceInventory>("device-gpu.inventory");
const Life = createToken<GpuLife>("device-gpu.life");
const Verbs = createToken<DeviceVerbs>("device-gpu.verbs");

export const plugin = definePlugin<GpuConfig>({
  folder: import.meta.dirname,
  services: [implement(services.device, DeviceVerbs, (parts) => parts.get(Verbs))],
  async configure(parts, config, { nodeName, stateDirectory, log }) {
    parts.bind(Backend, () =>
      config.backend === "simulated"
        ? new SimulatedBackend({ count: config.simulatedCount, nodeName, stateDirectory })
        : new NvmlBackend(config.library),
    );
    parts.bind(
      Inventory,
      (all) =>
        new DeviceInventory({
          backend: all.get(Backend),
          clock: systemClock,
          log,
          intervalMs: config.healthIntervalMs,
          recoverAfter: config.recoverAfterLooks,
        }),
    );
    parts.bind(Life, (all) => new GpuLife(all.get(Inventory), all.get(Backend), config.resource));
    parts.bind(Verbs, (all) => new DeviceVerbs(all.get(Inventory), all.get(Backend), config));
    await parts.get(Inventory).start();
  },
  life: (parts) => parts.get(Life),
});
