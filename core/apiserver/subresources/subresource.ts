import type { Kind } from "../../api/index.ts";
import type { Registry } from "../registry/registry.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Reply, ServerRequest } from "../request/request.ts";

/** One request for a subresource that is more than a view of the object. */
export interface SubresourceCall {
  readonly registry: Registry;
  /** The kind that carries the subresource. */
  readonly kind: Kind;
  readonly request: ServerRequest;
  readonly info: ResourceRequest;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type SubresourceHandler = (call: SubresourceCall) => Promise<Reply>;

/** Handlers by `group/resource/subresource`, which is empty for what is only acted upon; `*` stands for every resource. */
export type Subresources = ReadonlyMap<string, SubresourceHandler>;

export function subresourceHandler(
  handlers: Subresources,
  { group, resource, subresource }: ResourceRequest,
): SubresourceHandler | undefined {
  return handlers.get(`${group}/${resource}/${subresource}`) ?? handlers.get(`*/*/${subresource}`);
}
