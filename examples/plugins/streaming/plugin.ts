import { createToken, definePlugin, implement, type PluginLife, services } from "@berth/sdk";
import { FileDevices } from "./file-devices.ts";

const Devices = createToken<FileDevices>("streaming.devices");
const Life = createToken<PluginLife>("streaming.life");

export const plugin = definePlugin<{ readonly resource: string }>({
  folder: import.meta.dirname,
  services: [implement(services.device, FileDevices, (parts) => parts.get(Devices))],
  configure(parts, { resource }, { stateDirectory }) {
    parts.bind(Devices, () => new FileDevices(stateDirectory));
    parts.bind(Life, () => ({ registration: { name: resource }, facts: () => ({ resource }) }));
  },
  life: (parts) => parts.get(Life),
});
