import { createToken, definePlugin, implement, type PluginLife, services } from "@berth/sdk";

/** What Version answers under each version of the contract. */
const cniVersions: Readonly<Record<string, readonly string[]>> = {
  v1: ["1.1.0", "1.0.0"],
  v2alpha1: ["2.0.0", "1.1.0", "1.0.0"],
};

const Life = createToken<PluginLife>("versions.life");
const Spoken = createToken<readonly string[]>("versions.spoken");

/** Serves two versions of its contract; the host takes the newest that it knows too. */
export const plugin = definePlugin({
  folder: import.meta.dirname,
  services: [
    implement(services.network, ["version"], (parts) => ({
      version: () => ({
        cni_version: parts.get(Spoken)[0]!,
        supported_versions: [...parts.get(Spoken)],
      }),
    })),
  ],
  configure(parts, _config, context) {
    parts.bind(Spoken, () => cniVersions[context.contractVersion("cni")!]!);
    parts.bind(Life, () => ({ facts: () => ({ "contract.cni": context.contractVersion("cni")! }) }));
  },
  life: (parts) => parts.get(Life),
});
