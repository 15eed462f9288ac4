import type { Disposable, Event } from "@berth/base";
import type { CsiDrivers } from "./csi-drivers.ts";
import type { Devices } from "./devices.ts";
import type { PluginTools } from "./plugin-tools.ts";
import type { ContractKind, LastCause, PluginState, PluginSpec } from "./plugin-types.ts";
import type { Runtimes } from "./runtimes.ts";

/**
 * The whole promise of the plugin host to the rest of the node: a desired world goes in, an actual world comes out,
 * and capabilities are found by what they can do, never by which plugin does it.
 */
export interface PluginHost extends Disposable {
  /** Replaces the desired world. Returns at once; progress is seen in {@link instances}. */
  setDesired(world: DesiredWorld): void;
  instances(): readonly PluginView[];
  readonly onDidChange: Event<PluginView>;
  /** A plugin was taken from this node; its name. */
  readonly onDidRemove: Event<string>;
  /** Something an operator should read, of the host itself or said by a plugin. */
  readonly onDidReport: Event<HostReport>;
  readonly runtimes: Runtimes;
  readonly csi: CsiDrivers;
  readonly devices: Devices;
  readonly network: NodeNetwork;
  readonly tools: PluginTools;
  readonly set: NodeSet;
  /**
   * Ends every managed plugin in order. With `teardown` everything the plugins made on the node goes too;
   * without it the plugins and their workload are left for the next start to adopt.
   */
  stop(mode: "teardown" | "leave"): Promise<void>;
  /**
   * For a teardown whose runtimes do not answer: SIGKILL to their plugins and to all daemons, with everything these have
   * started, and their sandboxes lose their network. Resolves when nothing of it runs; the rest of the host serves on.
   */
  abandonRuntimes(): Promise<void>;
}

/** Becomes a Kubernetes Event. */
export interface HostReport {
  readonly plugin: string;
  /** What it is about; the plugin itself when absent. */
  readonly object?: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: "Normal" | "Warning";
  /** CamelCase, a machine reads it. */
  readonly reason: string;
  /** A sentence, a person reads it. */
  readonly message: string;
}

/** What this node shall have: the Plugins chosen for it and the defaults of its PluginSet. */
export interface DesiredWorld {
  readonly plugins: readonly DesiredPlugin[];
  /**
   * The set that chose them, with all names in it. Another one than before comes into force as a whole once all its
   * plugins are ready, or not at all; absent: no set applies.
   */
  readonly set?: { readonly name: string; readonly revision: number; readonly plugins: readonly string[] };
  /** Plugins that are there but not chosen: they run only as long as what was in force before needs them. */
  readonly others?: readonly DesiredPlugin[];
  /** Runtime handler of a pod that names none; absent: that of the first runtime by name. */
  readonly defaultRuntimeHandler?: string;
  /** cni Plugins in the order of the chain; absent: the only one there is. */
  readonly networkChain?: readonly string[];
  /** Its pods are gone and its plugins are to follow, each once nothing of what it made is in use here. */
  readonly drained?: boolean;
}

export interface DesiredPlugin {
  /** The Plugin object's name. */
  readonly name: string;
  readonly spec: PluginSpec;
  /** Changes of it are logged with the instance; metadata.generation of the Plugin object. */
  readonly generation: number;
  /** Another value than before asks for a new process, whatever else is the same. */
  readonly restartedAt?: string;
  /** The generation whose update is asked for on this node, where `updatePolicy: OnDelete` makes it wait for that. */
  readonly updateAsked?: number;
  /** Why no process of it is to run, whatever its spec says. */
  readonly stopped?: string;
}

/** One plugin on this node, as an operator would describe it. */
export interface PluginView {
  readonly name: string;
  readonly contract: ContractKind;
  readonly state: PluginState;
  readonly reason: string;
  /** Of the catalogue's entry that the reason comes from, if it comes from one. */
  readonly code: string | undefined;
  /** Generation of the definition that was followed last, with success or not. */
  readonly observedGeneration: number;
  /** Why the definition is not what runs: an update failed or was refused, and the former goes on. */
  readonly updateFailure: string | undefined;
  readonly mode: "managed" | "attached";
  readonly simulated: boolean;
  readonly unverified: boolean;
  readonly version: string | undefined;
  readonly contractVersions: Readonly<Record<string, string>>;
  readonly incarnation: number;
  readonly pid: number | undefined;
  /** ISO 8601. */
  readonly startedAt: string | undefined;
  readonly restarts: number;
  readonly capabilities: readonly string[];
  readonly grants: readonly { name: string; inForce: boolean; note?: string }[];
  readonly isolation: readonly { name: string; inForce: boolean; note?: string }[];
  readonly facts: Readonly<Record<string, string>>;
  readonly lastCause: LastCause | undefined;
  /** What it last reported about itself through berth.host.v1.Telemetry. */
  readonly telemetry: Readonly<Record<string, unknown>>;
  readonly calls: number;
  readonly failedCalls: number;
  /** Milliseconds; undefined before the first call. */
  readonly p50Ms: number | undefined;
}

/** The node's network as the kubelet needs to know it; attaching is between the runtime plugin and the host. */
export interface NodeNetwork {
  readonly ready: boolean;
  /** Empty when ready. */
  readonly reason: string;
  readonly onDidChange: Event<void>;
}

/** The PluginSet of this node. */
export interface NodeSet {
  readonly view: SetView;
  readonly onDidChange: Event<SetView>;
}

export interface SetView {
  readonly inForce: NamedSet | undefined;
  /** Being made ready beside the one in force; the reason says what it waits for. */
  readonly preparing: (NamedSet & { readonly reason: string }) | undefined;
  /** Did not become ready: the one in force serves on. Tried again when the set or a plugin of it changes. */
  readonly failed: (NamedSet & { readonly reason: string }) | undefined;
}

export interface NamedSet {
  readonly name: string;
  /** PluginSet.spec.revision. */
  readonly revision: number;
}
