import type { ContractKind } from "../contracts/plugin-types.ts";

/** What `plugin.json` says, with every default filled in. */
export interface Manifest {
  /** Also the CNI type and the name in every listing: lower-case letters, digits and dashes. */
  readonly id: string;
  readonly version: string;
  readonly contract: ContractKind;
  /** Versions of each contract that the plugin serves. */
  readonly contractVersions: Readonly<Record<string, readonly string[]>>;
  /** Command line with ${node} ${folder} ${socket} ${config} ${state} ${run}; relative paths are in the package. */
  readonly entry: readonly string[];
  /** False: no handshake and no berth.plugin.v1; the program is probed through its own contract. */
  readonly sdk: boolean;
  /** `adoptable` outlives the host's process; `with-host` gets a parent-death signal. */
  readonly lifetime: "adoptable" | "with-host";
  /** JSON Schema of spec.config. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What earlier versions called otherwise; each at most once for a version. */
  readonly configMigrations: readonly ConfigMigration[];
  /** "daemon:containerd", "network", "contract:cni". */
  readonly needs: readonly string[];
  readonly daemons: readonly DaemonManifest[];
  /** Services of berth.host.v1 that it calls: network, events, telemetry. */
  readonly hostServices: readonly string[];
  readonly privileges: Privileges;
  readonly limits: Limits;
  readonly startBudgetSeconds: number;
  /** Calls of one key may go to the next incarnation while others are still with the former. */
  readonly stateless: boolean;
}

/** From version `to` on, the keys on the left of `rename` have the names on its right; `outer.inner` is a key in another. */
export interface ConfigMigration {
  readonly to: string;
  readonly rename: Readonly<Record<string, string>>;
}

/** A backing process that the host starts once per node, whatever number of plugins need it. */
export interface DaemonManifest {
  readonly id: string;
  /** Command line with ${node} ${folder} ${files} ${state} ${run}. A bare name is looked up in PATH. */
  readonly entry: readonly string[];
  /** Rendered before the start: file name to template. */
  readonly files: Readonly<Record<string, string>>;
  /** Ready when something accepts connections on this socket. */
  readonly ready: { readonly socket: string };
  /** Not started, and not needed, when this key of spec.config is set: it names one that somebody else runs. */
  readonly unlessConfig?: string;
}

export interface Privileges {
  /** CAP_… names. */
  readonly capabilities: readonly string[];
  /** Makes mounts that the node must see. */
  readonly mounts: boolean;
  /** Paths under /dev. */
  readonly devices: readonly string[];
  readonly hostNetwork: boolean;
  readonly root: boolean;
}

export interface Limits {
  /** Kubernetes quantity, "512Mi". */
  readonly memory?: string;
  /** Kubernetes quantity of cores, "500m". */
  readonly cpu?: string;
  readonly pids?: number;
}

export const hostServiceNames = ["network", "events", "telemetry"] as const;
