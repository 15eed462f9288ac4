import { createToken, definePlugin, implement, services } from "@berth/sdk";

const Config = createToken<{ readonly version: string }>("hello.config");

/** One verb. The others answer UNIMPLEMENTED, and nobody claims them. */
export const plugin = definePlugin<{ readonly version: string }>({
  folder: import.meta.dirname,
  services: [
    implement(services.network, ["version"], (parts) => ({
      version: () => ({
        cni_version: parts.get(Config).version,
        supported_versions: [parts.get(Config).version],
      }),
    })),
  ],
  configure(parts, config) {
    parts.bind(Config, () => config);
  },
});
