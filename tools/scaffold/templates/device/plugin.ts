import { createToken, definePlugin, implement, type PluginLife, services } from "@berth/sdk";
import { DeviceVerbs } from "./verbs.ts";

interface Config {
  readonly resource: string;
}

const Devices = createToken<DeviceVerbs>("__ID__.devices");
const Life = createToken<PluginLife>("__ID__.life");

/** Public methods of the verb class are the capabilities; what is not there answers UNIMPLEMENTED and is not claimed. */
export const plugin = definePlugin<Config>({
  folder: import.meta.dirname,
  services: [implement(services.device, DeviceVerbs, (parts) => parts.get(Devices))],
  configure(parts, config) {
    parts.bind(Devices, () => new DeviceVerbs());
    parts.bind(Life, () => ({
      registration: { name: config.resource },
      facts: () => ({ resource: config.resource }),
    }));
  },
  life: (parts) => parts.get(Life),
});
