import type { KindTable } from "../../api/index.ts";
import { hasSubresource, type Kind } from "../../api/index.ts";
import { handleResource } from "../registry/resource-handler.ts";
import type { Registry } from "../registry/registry.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Handler, Reply, ServerRequest } from "../request/request.ts";
import { methodNotAllowed, methodNotSupported, noSuchPath, notFound } from "../request/status-error.ts";
import { subresourceHandler, type Subresources } from "../subresources/subresource.ts";
import { storedKind } from "../registry/versions.ts";

/** Answers what is asked by POST and not stored: reviews. */
export type VirtualKind = (request: ServerRequest, info: ResourceRequest) => Promise<Reply>;
/** By `group/Kind`. */
export type VirtualKinds = ReadonlyMap<string, VirtualKind>;

export interface RouterParts {
  readonly registry: Registry;
  readonly kinds: () => KindTable;
  readonly subresources: Subresources;
  readonly virtual: VirtualKinds;
  /** Everything outside /api/… and /apis/…, and discovery; undefined when there is no such path. */
  readonly paths: (request: ServerRequest) => Promise<Reply | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Subresources that are a view of the object itself. */
const views: ReadonlySet<string> = new Set(["", "status", "resize", "ephemeralcontainers", "approval"]);

/** Finds who answers. */
export function router(parts: RouterParts): Handler {
  return (request) => {
    const { info } = request;
    if (!info.isResource) return atPath(parts, request);
    const kind = parts.kinds().byResource(info.group, info.version, info.resource);
    if (!kind?.servedByDefault) throw noSuchPath();
    if (kind.namespaced && info.namespace === "" && needsNamespace(info)) throw noSuchPath();
    if (kind.custom && !kind.namespaced && info.namespace !== "") throw noSuchPath();
    const virtual = parts.virtual.get(`${kind.group}/${kind.kind}`);
    if (virtual) return virtual(request, info);
    if (!kind.storageVersion) throw notFound(kind, info.name);
    checkVerb(kind, request, info);
    if (kind.custom?.warning) request.warnings.push(kind.custom.warning);
    const call = { registry: parts.registry, kind: storedKind(kind), request, info, now: parts.now() };
    const handler = subresourceHandler(parts.subresources, info);
    if (handler) return handler(call);
    if (!views.has(info.subresource)) throw noSuchPath();
    return handleResource(parts.registry, kind, request, info, call.now);
  };
}

async function atPath({ paths }: RouterParts, request: ServerRequest): Promise<Reply> {
  const reply = await paths(request);
  if (!reply) throw noSuchPath();
  return reply;
}

function needsNamespace({ verb }: ResourceRequest): boolean {
  return verb !== "list" && verb !== "watch";
}

function checkVerb(kind: Kind, request: ServerRequest, info: ResourceRequest): void {
  const { subresource, verb } = info;
  if (subresource !== "" && !hasSubresource(kind, subresource))
    throw kind.custom ? notFound(kind, info.name) : noSuchPath();
  const row = kind.subresources.find((one) => one.name === subresource);
  const verbs = subresource === "" ? kind.verbs : (row?.verbs ?? []);
  const streaming = subresource === "proxy" || subresource === "exec" || subresource === "attach";
  const misplaced = !streaming && isMisplaced(info);
  if (kind.custom && subresource !== "" && !verbs.includes(verb)) throw methodNotSupported(kind, verb);
  if (misplaced || (!verbs.includes(verb) && !streaming))
    throw methodNotAllowed(
      `the server does not allow this method on the requested resource: ${request.method} ${kind.resource}`,
    );
}

/** Creating needs a collection or a subresource, changing needs an object. */
function isMisplaced({ verb, name, subresource }: ResourceRequest): boolean {
  if (verb === "create") return name !== "" && subresource === "";
  return (verb === "update" || verb === "patch") && name === "";
}
