/** Our own kinds, group `berth.dev`, version `v1alpha1`, all cluster-scoped. */
export const berthGroup = "berth.dev";
export const berthVersion = "v1alpha1";

/** Of a Plugin: another value than before asks for a new process on every node, as `kubectl rollout restart` does for pods. */
export const restartAnnotation = "berth.dev/restarted-at";

/**
 * Of a Node without pods, with the time as its value: its plugins are out of service too, as long as the node is
 * unschedulable. Whoever makes it schedulable brings them back.
 */
export const drainedAnnotation = "berth.dev/drained-at";

interface Meta {
  name?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
}

export type ContractKind = "cri" | "csi" | "cni" | "device";

/** What an operator installs. Creating or updating one needs the RBAC verb `install`: it is root code on every node. */
export interface Plugin {
  apiVersion: "berth.dev/v1alpha1";
  kind: "Plugin";
  metadata: Meta;
  spec: PluginSpec;
  status?: PluginStatus;
}

export interface PluginSpec {
  contract: ContractKind;
  /** Exactly one of its members is set. */
  source: PluginSource;
  version?: string;
  /** sha256:… over the package's sorted tree manifest. Mandatory unless `dev` is true. */
  digest?: string;
  /** Run from the source folder, unverified, and say so everywhere. */
  dev?: boolean;
  /** Checked against the manifest's config schema. */
  config?: Record<string, unknown>;
  /** Host services and privileges granted; anything the manifest wants and this does not grant is refused. */
  grants?: string[];
  /** Overrides the manifest's limits. */
  limits?: { memory?: string; cpu?: string; pids?: number };
  updatePolicy?: "Automatic" | "OnDelete";
  /** Verbs whose callers go on with an empty answer when the plugin gives none; all others fail. */
  failOpen?: string[];
  /** `berth`: Berth runs the CSI controller side. Absent: only the node side. */
  controller?: "berth";
  /** For an attached runtime that does its own networking. */
  network?: "berth" | "runtime";
  /** Taken out of service on purpose; shown as loudly as a failure. */
  disabled?: boolean;
  nodeSelector?: Record<string, string>;
}

export interface PluginSource {
  path?: string;
  /** One program of any language; its digest is that of its bytes. */
  executable?: { path: string; args?: string[] };
  /** NAME@VERSION of a registry, or the absolute path of a .tgz file. */
  npm?: { package: string; registry?: string; pullSecret?: PullSecret };
  oci?: { reference: string; pullSecret?: PullSecret };
  /** Attach to a socket somebody else serves: unix:///…. */
  endpoint?: string;
}

/**
 * A Secret with the login of a registry: `.dockerconfigjson` for OCI (type kubernetes.io/dockerconfigjson), `.npmrc` for npm.
 * Read by the nodes that the Plugin is meant for, and by no other.
 */
export interface PullSecret {
  namespace: string;
  name: string;
}

export interface PluginStatus {
  observedGeneration?: number;
  nodes?: number;
  ready?: number;
  conditions?: Condition[];
}

export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

/** A named choice of plugins for nodes, with the defaults that go with it. Applied as a whole or not at all. */
export interface PluginSet {
  apiVersion: "berth.dev/v1alpha1";
  kind: "PluginSet";
  metadata: Meta;
  spec: {
    plugins: string[];
    nodeSelector?: Record<string, string>;
    /** RuntimeClass handler of a pod that names none. */
    defaultRuntimeHandler?: string;
    /** Names of cni Plugins in the order of the chain. */
    networkChain?: string[];
    defaultStorageClass?: string;
    /** Of the sets that select a node the one with the highest is in force there: `berth set apply` raises it. */
    revision?: number;
  };
  status?: PluginSetStatus;
}

export interface PluginSetStatus extends PluginStatus {
  /** What each node that this set concerns makes of it. */
  onNodes?: SetOnNode[];
}

export interface SetOnNode {
  node: string;
  /** Failed: what was in force before serves on; the message says why. */
  state: "Preparing" | "InForce" | "Failed";
  revision: number;
  message?: string;
  /** ISO 8601. */
  since: string;
}

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

/** One plugin on one node, written by that node on change or at most every 10 s. Named `<plugin>.<node>`. */
export interface PluginInstance {
  apiVersion: "berth.dev/v1alpha1";
  kind: "PluginInstance";
  metadata: Meta;
  spec: { plugin: string; nodeName: string; contract: ContractKind };
  status?: PluginInstanceStatus;
}

export interface PluginInstanceStatus {
  state: PluginState;
  /** One sentence; why it is not simply ready. */
  reason?: string;
  /** Of the error catalogue, where the reason comes from it. */
  code?: string;
  /** Generation of the Plugin that was followed last, with success or not. */
  observedGeneration?: number;
  mode?: "managed" | "attached";
  /** Not real silicon or not a real backend. */
  simulated?: boolean;
  /** Executed from an unpinned folder. */
  unverified?: boolean;
  version?: string;
  contractVersions?: Record<string, string>;
  incarnation?: number;
  pid?: number;
  startedAt?: string;
  restarts?: number;
  /**
   * What this instance makes possible on the node now, as the scheduler reads it:
   * `runtime:<handler>`, `csi:<driver>`, `network`, `device:<resource>`.
   */
  capabilities?: string[];
  grants?: { name: string; inForce: boolean; note?: string }[];
  isolation?: { name: string; inForce: boolean; note?: string }[];
  facts?: Record<string, string>;
  lastCause?: LastCause;
  conditions?: Condition[];
}

/** Why the previous process of this instance ended. */
export interface LastCause {
  at: string;
  incarnation: number;
  pid: number;
  exitCode?: number;
  signal?: string;
  oomKilled?: boolean;
  /** Of the error catalogue, when a step of its start failed. */
  code?: string;
  /** One sentence for a person: "killed by SIGKILL", "exit code 3", "exit code unknown: it ended while not our child". */
  message: string;
  /** Last lines of its stderr, secrets redacted. */
  stderrTail?: string;
}
