import type { Logger } from "@berth/base";
import type { Implementation, ParentCall, ServiceKey } from "@berth/verbs";
import type { HostClient } from "./host-client.ts";
import type { PluginManifest } from "./manifest.ts";
import type { Parts, PartsBinder } from "./parts.ts";

/** Everything there is to say about a plugin: its folder, its parts and the services they make up. */
export interface PluginDefinition<Config = Readonly<Record<string, unknown>>> {
  /** Folder of plugin.json: `import.meta.dirname`. */
  readonly folder: string;
  readonly services: readonly ServedService[];
  /**
   * Binds the parts for one configuration, already checked against the manifest's schema and filled with its defaults.
   * Runs beside the configuration it will replace: take what only one may hold in {@link PluginLife.activate}.
   */
  configure(parts: PartsBinder, config: Config, context: PluginContext): void | Promise<void>;
  /** The plugin's own life, made from the parts of each configuration. */
  life?(parts: Parts): PluginLife;
  /** Options of the stand-alone mode beyond the common ones, by their name without dashes, with a description. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface PluginContext {
  readonly manifest: PluginManifest;
  /** Own durable directory, 0700, kept across restarts and versions. */
  readonly stateDirectory: string;
  /** Own directory for sockets, 0700, empty after a reboot. */
  readonly runDirectory: string;
  /** unix:///… where this plugin serves. */
  readonly endpoint: string;
  readonly nodeName: string;
  readonly log: Logger;
  readonly host: HostClient;
  /** Version of a contract that the host chose in the handshake; by hand, the plugin's own newest. */
  contractVersion(contract: string): string | undefined;
  /** Ready socket (unix:///…) of a daemon that the manifest needs. Undefined when it was given neither by host nor option. */
  daemon(id: string): string | undefined;
  /** Value of a stand-alone option. */
  option(name: string): string | undefined;
}

/** What a plugin may add to the life that the SDK leads for it. Everything is optional. */
export interface PluginLife {
  /**
   * The state lease is now ours and no other incarnation writes: recover intents, open the store for writing.
   * Done before the first verb that changes something. Once per configuration.
   */
  activate?(): void | Promise<void>;
  /** Releases what the node no longer believes in (when `authoritative`), answers what is held. */
  synchronize?(request: SynchronizeRequest, call: Call): Promise<SynchronizeAnswer>;
  /** Undefined when ready, else the reason in one sentence. Within 2 s. */
  probe?(call: Call): Promise<string | undefined> | string | undefined;
  /** Words about the surroundings: "runc 1.1.5". */
  facts?(): Readonly<Record<string, string>>;
  /** Under what name the plugin registers with an upstream kubelet: a CSI driver's name, a device's resource. */
  readonly registration?: { readonly name: string };
  /** True for a backend that is not the real thing. */
  readonly simulated?: boolean;
  /** The process is about to end. With reason "teardown" everything made on the node goes too. */
  shutdown?(reason: string): void | Promise<void>;
}

export interface Holding {
  /** sandbox, container, volume, attachment, device, image. */
  readonly kind: string;
  readonly id: string;
  readonly context?: Readonly<Record<string, string>>;
}

export interface SynchronizeRequest {
  readonly stillValid: readonly Holding[];
  /** False: nothing may be released. */
  readonly authoritative: boolean;
}

export interface SynchronizeAnswer {
  readonly held: readonly Holding[];
  readonly released: readonly Holding[];
}

/** What a verb knows about the call it serves. */
export interface Call extends ParentCall {
  /** "csi.v1.Node/NodeStageVolume". */
  readonly verb: string;
  readonly log: Logger;
  /** For verbs watched for stalls: something moved. */
  progress(): void;
  /** First value of a request header. */
  header(name: string): string | undefined;
}

/** One service with the verbs it really has. Made by {@link implement}. */
export interface ServedService {
  readonly key: ServiceKey;
  /** Keys of the implemented verbs: nodeStageVolume… */
  readonly verbs: readonly string[];
  readonly make: (parts: Parts) => object;
}

/** What a service's implementer writes, by the service's key. */
type VerbsOf<Key> = Key extends ServiceKey<unknown, infer Handlers> ? Implementation<Handlers, Call> : never;

/**
 * Says who implements a service. The verbs offered are the public methods of the class, or the names listed: what is not there
 * answers UNIMPLEMENTED and is not claimed.
 */
export function implement<Key extends ServiceKey>(
  key: Key,
  verbs: (abstract new (...parts: never[]) => VerbsOf<Key>) | readonly (keyof VerbsOf<Key> & string)[],
  make: (parts: Parts) => VerbsOf<Key>,
): ServedService {
  return {
    key,
    verbs: typeof verbs === "function" ? publicMethods(verbs.prototype as object) : verbs,
    make,
  };
}

function publicMethods(prototype: object): string[] {
  const names = new Set<string>();
  for (
    let at: object | null = prototype;
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const name of Object.getOwnPropertyNames(at))
      if (name !== "constructor" && name !== "dispose") names.add(name);
  }
  return [...names];
}

export function definePlugin<Config = Readonly<Record<string, unknown>>>(
  definition: PluginDefinition<Config>,
): PluginDefinition<Config> {
  return definition;
}
