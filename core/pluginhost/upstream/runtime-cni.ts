import type { StatusResponse__Output } from "@berth/proto/generated/cri/runtime/v1/StatusResponse.ts";

/** Where a runtime looks for CNI, and what it has loaded from there. */
export interface RuntimeCni {
  readonly folders: CniFolders | undefined;
  /** Name of the network that pods get; undefined when it does not say. */
  readonly network: string | undefined;
  /** Executables that the runtime calls for its own purposes: `loopback`, to bring lo up. */
  readonly ownExecutables: readonly string[];
  readonly ready: boolean;
  /** Why it is not ready, in the runtime's words. */
  readonly reason: string;
}

export interface CniFolders {
  readonly configuration: string;
  readonly executables: string;
}

interface Configuration {
  cni?: { confDir?: string; binDir?: string; binDirs?: string[] };
}

interface Loaded {
  Networks?: LoadedNetwork[] | null;
}

interface LoadedNetwork {
  Config?: { Name?: string; Plugins?: { Network?: { type?: string } }[] | null };
}

const loopback = "cni-loopback";

/** From the verbose answer of CRI's Status, in which containerd lays its configuration as JSON. */
export function readRuntimeCni({ status, info }: StatusResponse__Output): RuntimeCni {
  const { cni } = parse<Configuration>(info["config"]);
  const executables = cni?.binDir ?? cni?.binDirs?.[0];
  const networks = (parse<Loaded>(info["cniconfig"]).Networks ?? []).flatMap((one) => one.Config ?? []);
  const own = networks.find(({ Name: name }) => name === loopback);
  const condition = status?.conditions.find(({ type }) => type === "NetworkReady");
  return {
    folders: cni?.confDir && executables ? { configuration: cni.confDir, executables } : undefined,
    network: networks.find((one) => one !== own)?.Name,
    ownExecutables: (own?.Plugins ?? []).flatMap(({ Network: network }) => network?.type ?? []),
    ready: condition?.status ?? false,
    reason: condition?.message ?? "",
  };
}

function parse<T extends object>(text: string | undefined): Partial<T> {
  return text ? ((JSON.parse(text) as T | null) ?? {}) : {};
}
