import { existsSync } from "node:fs";
import type { Plugin, PluginSet } from "../../api/berth/types.ts";

/** A shipped choice of plugins, before their folders and digests are known. */
export interface ShippedSet {
  readonly plugins: Readonly<Record<string, Partial<Plugin["spec"]>>>;
  readonly set: Omit<PluginSet["spec"], "plugins">;
}

const runtime = { "cri-containerd": {} } as const;
const network = { "cni-bridge": {} } as const;

/** Without NVIDIA's driver the silicon is simulated, and every listing says so. */
const gpu = { config: { backend: existsSync("/dev/nvidiactl") ? "nvml" : "simulated" } };

/** What `--set` may name. */
export const shippedSets: Readonly<Record<string, ShippedSet>> = {
  minimal: {
    plugins: { ...runtime, ...network },
    set: { defaultRuntimeHandler: "runc", networkChain: ["cni-bridge"] },
  },
  standard: {
    plugins: {
      ...runtime,
      "cri-gvisor": {},
      ...network,
      "csi-hostpath": { controller: "berth" },
      "device-gpu": gpu,
    },
    set: {
      defaultRuntimeHandler: "runc",
      networkChain: ["cni-bridge"],
      defaultStorageClass: "hostpath",
    },
  },
  sandboxed: {
    plugins: { ...runtime, "cri-gvisor": {}, ...network, "csi-hostpath": { controller: "berth" } },
    set: {
      defaultRuntimeHandler: "gvisor",
      networkChain: ["cni-bridge"],
      defaultStorageClass: "hostpath",
    },
  },
};
