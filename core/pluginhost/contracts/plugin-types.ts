/**
 * Structural twins of the API's types, because the host may not know the API: core/nodeagent maps one to the other,
 * and the compiler holds them equal there.
 */
export type ContractKind = "cri" | "csi" | "cni" | "device";

export type PluginState =
  | "starting"
  | "ready"
  | "degraded"
  | "draining"
  | "backoff"
  | "quarantined"
  | "stopped"
  | "waiting"
  | "refused"
  | "disabled";

export interface PluginSpec {
  contract: ContractKind;
  source: {
    path?: string;
    executable?: { path: string; args?: string[] };
    npm?: { package: string; registry?: string; pullSecret?: PullSecret };
    oci?: { reference: string; pullSecret?: PullSecret };
    endpoint?: string;
  };
  version?: string;
  digest?: string;
  dev?: boolean;
  config?: Record<string, unknown>;
  grants?: string[];
  limits?: { memory?: string; cpu?: string; pids?: number };
  updatePolicy?: "Automatic" | "OnDelete";
  failOpen?: string[];
  controller?: "berth";
  network?: "berth" | "runtime";
  disabled?: boolean;
}

/** Of a Secret with the login of a registry. */
export interface PullSecret {
  namespace: string;
  name: string;
}

export interface LastCause {
  at: string;
  incarnation: number;
  pid: number;
  exitCode?: number;
  signal?: string;
  oomKilled?: boolean;
  /** Of the error catalogue, when a step of its start failed. */
  code?: string;
  message: string;
  stderrTail?: string;
}
