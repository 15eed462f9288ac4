import type { Disposable, Event } from "@berth/base";
import type { ImportImageResponse__Output } from "@berth/proto/generated/archive/berth/cri/v1/ImportImageResponse.ts";
import type { ContainerEventResponse__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerEventResponse.ts";
import type { ImageServiceDefinition } from "@berth/proto/generated/cri/runtime/v1/ImageService.ts";
import type { RuntimeServiceDefinition } from "@berth/proto/generated/cri/runtime/v1/RuntimeService.ts";
import type { ControllerDefinition } from "@berth/proto/generated/csi/csi/v1/Controller.ts";
import type { NodeDefinition } from "@berth/proto/generated/csi/csi/v1/Node.ts";
import type { PluginTools } from "./plugin-tools.ts";
import type { ContractKind, LastCause, PluginSpec, PluginState } from "./plugin-types.ts";

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

/** Runtime handlers of this node. */
export interface Runtimes {
  /**
   * By name, the empty one being the node's default; or by {@link handlerKey}, as long as that plugin is on this node,
   * for while one plugin follows another both serve handlers of one name.
   */
  handler(nameOrKey: string): RuntimeHandler | undefined;
  list(): readonly RuntimeHandler[];
  readonly onDidChange: Event<void>;
}

/** One CRI socket under one handler name. The calls are made through deadline, lane, breaker and recorder. */
export interface RuntimeHandler {
  readonly name: string;
  /** `runtime_handler` to send in RunPodSandbox; empty for the plugin's own default. */
  readonly criHandler: string;
  /** The Plugin object's name. */
  readonly owner: string;
  /** "id@version" of the plugin, kept with everything it makes. */
  readonly plugin: string;
  readonly ready: boolean;
  /** Its plugin is being replaced, or is not in force yet: for the pods that lie on it already, and no others. */
  readonly held: boolean;
  readonly cri: RuntimeService;
  /** Present when the plugin offers berth.cri.v1.Archive. */
  readonly archive: ImageArchive | undefined;
}

/** What tells a handler from the one of the same name that another plugin serves: "cri-containerd/runc". */
export function handlerKey({ owner, name }: Pick<RuntimeHandler, "owner" | "name">): string {
  return `${owner}/${name}`;
}

/**
 * CRI v1 as promises: method names in camelCase, messages as in the contract.
 * Rejects with {@link VerbError}.
 */
export type RuntimeService = UnaryClient<RuntimeServiceDefinition> &
  UnaryClient<ImageServiceDefinition> & {
    /** Server streams of the contract, as iterables that end with the call. */
    getContainerEvents(options?: CallOptions): AsyncIterable<ContainerEventResponse__Output>;
  };

export interface ImageArchive {
  /** Progress is reported as bytes sent. */
  importImage(
    chunks: AsyncIterable<Uint8Array>,
    options?: CallOptions & { defaultReference?: string },
  ): Promise<ImportImageResponse__Output>;
}

export interface CsiDrivers {
  /** By the name the driver gives itself. */
  driver(name: string): CsiDriver | undefined;
  list(): readonly CsiDriver[];
  readonly onDidChange: Event<void>;
}

export interface CsiDriver {
  readonly name: string;
  readonly plugin: string;
  readonly ready: boolean;
  readonly nodeId: string;
  readonly topology: Readonly<Record<string, string>>;
  readonly maxVolumesPerNode: number;
  readonly nodeCapabilities: ReadonlySet<string>;
  readonly pluginCapabilities: ReadonlySet<string>;
  readonly node: UnaryClient<NodeDefinition>;
  /** Undefined for a driver whose controller side somebody else runs. */
  readonly controller:
    | (UnaryClient<ControllerDefinition> & {
        readonly capabilities: ReadonlySet<string>;
      })
    | undefined;
}

export interface Devices {
  /** All resources ever seen on this node and not yet forgotten (5 minutes after a lost endpoint). */
  list(): readonly DeviceResource[];
  /**
   * Chooses and allocates `count` devices of a resource for a container, remembered durably under its key; a repeated
   * call for the same key answers the same. Rejects with a sentence naming what is missing.
   */
  allocate(request: AllocateRequest): Promise<ContainerDevices>;
  /** What was allocated to a pod before, after a restart of the node's core too. */
  allocated(podUid: string): readonly ContainerDevices[];
  release(podUid: string): void;
  readonly onDidChange: Event<void>;
}

export interface DeviceResource {
  /** "nvidia.com/gpu". */
  readonly name: string;
  readonly plugin: string;
  readonly simulated: boolean;
  readonly capacity: number;
  /** Healthy ones; 0 while the endpoint is lost. */
  readonly allocatable: number;
  readonly devices: readonly { id: string; health: string; allocatedTo: string | undefined }[];
}

export interface AllocateRequest {
  podUid: string;
  podName: string;
  podNamespace: string;
  container: string;
  resource: string;
  count: number;
}

/** What a container needs for its devices, merged over its resources. */
export interface ContainerDevices {
  readonly container: string;
  readonly resource: string;
  readonly ids: readonly string[];
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly { containerPath: string; hostPath: string; readOnly: boolean }[];
  readonly devices: readonly { containerPath: string; hostPath: string; permissions: string }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly cdiDevices: readonly string[];
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

export interface CallOptions {
  /** Milliseconds; the verb's own deadline from the proto options when absent. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** Maps a generated service definition to promise-returning methods in camelCase; streams are left out. */
export type UnaryClient<Definition> = {
  [
    Method in keyof Definition as string extends Method ? never : Uncapitalize<Method & string>
  ]: Definition[Method] extends {
    requestSerialize: (value: infer Request) => Buffer;
    responseDeserialize: (bytes: Buffer) => infer Response;
  }
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;
};
