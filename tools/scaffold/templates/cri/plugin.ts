import { createToken, definePlugin, implement, services } from "@berth/sdk";
import { RuntimeVerbs } from "./verbs.ts";

const Runtime = createToken<RuntimeVerbs>("__ID__.runtime");

/** Public methods of the verb class are the capabilities; what is not there answers UNIMPLEMENTED and is not claimed. */
export const plugin = definePlugin({
  folder: import.meta.dirname,
  services: [implement(services.runtime, RuntimeVerbs, (parts) => parts.get(Runtime))],
  configure(parts, _config, { manifest }) {
    parts.bind(Runtime, () => new RuntimeVerbs(manifest.version));
  },
});
