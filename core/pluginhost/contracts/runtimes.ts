import type { Event } from "@berth/base";
import type { ImportImageResponse__Output } from "@berth/proto/generated/archive/berth/cri/v1/ImportImageResponse.ts";
import type { ContainerEventResponse__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerEventResponse.ts";
import type { ImageServiceDefinition } from "@berth/proto/generated/cri/runtime/v1/ImageService.ts";
import type { RuntimeServiceDefinition } from "@berth/proto/generated/cri/runtime/v1/RuntimeService.ts";
import type { CallOptions, UnaryClient } from "./unary-client.ts";

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
  /** Why its plugin says that it can make no pods; empty when it can. Calls go to it nevertheless. */
  readonly unready: string;
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
