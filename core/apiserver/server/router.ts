import type { KindTable } from "../../api/index.ts";
import { hasSubresource, type Kind } from "../../api/index.ts";
import { handleResource } from "../registry/resource-handler.ts";
import type { Registry } from "../registry/registry.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Handler, Reply, ServerRequest } from "../request/request.ts";
import {
  methodNotSupported,
  noSuchMethod,
  noSuchPath,
  notFound,
  pageNotFound,
} from "../request/status-error.ts";
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
    if (!kind?.servedByDefault) throw isGroup(parts, info.group) ? noSuchPath() : pageNotFound();
    if (isMisplacedKind(kind, info) || isOddPath(request.path, info)) throw noSuchPath();
    if (request.method === "HEAD" && info.subresource !== "proxy") throw noSuchMethod();
    checkVerb(kind, info);
    if (info.watchPath && request.method !== "GET") throw noSuchMethod();
    const virtual = parts.virtual.get(`${kind.group}/${kind.kind}`);
    if (virtual) return virtual(request, info);
    if (kind.custom?.warning) request.warnings.push(kind.custom.warning);
    const call = { registry: parts.registry, kind: storedKind(kind), request, info, now: parts.now() };
    const handler = subresourceHandler(parts.subresources, info);
    if (handler) return handler(call);
    if (!kind.storageVersion) throw notFound(kind, info.name);
    if (!views.has(info.subresource)) throw noSuchPath();
    return handleResource(parts.registry, kind, request, info, call.now);
  };
}

async function atPath(parts: RouterParts, request: ServerRequest): Promise<Reply> {
  const reply = await parts.paths(request);
  const [root, group, version] = request.path.slice(1).split("/");
  const isReadOnly = root === "api" || root === "version" || (root === "apis" && version);
  if (reply && isReadOnly && request.method !== "GET") throw noSuchMethod();
  if (reply) return reply;
  const isOurs = root === "api" || root === "version" || (root === "apis" && isGroup(parts, group));
  throw isOurs ? noSuchPath() : pageNotFound();
}

const isGroup = ({ kinds }: RouterParts, group: string | undefined): boolean =>
  kinds()
    .all()
    .some((kind) => kind.servedByDefault && kind.group === group);

/** Outside of a namespace what belongs in one, or inside one what does not. */
function isMisplacedKind({ namespaced, group, resource }: Kind, info: ResourceRequest): boolean {
  if (namespaced) return info.namespace === "" && info.name !== "" && needsNamespace(info);
  return info.namespace !== "" && !(group === "" && resource === "namespaces");
}

/** An empty part would be left out, and the path mean another one; what is passed on may have them. */
function isOddPath(path: string, { subresource }: ResourceRequest): boolean {
  return subresource !== "proxy" && path.includes("//");
}

function needsNamespace({ verb }: ResourceRequest): boolean {
  return verb !== "list" && verb !== "watch";
}

function checkVerb(kind: Kind, info: ResourceRequest): void {
  const { subresource, verb } = info;
  if (info.watchPath && (subresource !== "" || !kind.verbs.includes("watch"))) throw noSuchPath();
  if (subresource !== "" && !hasSubresource(kind, subresource))
    throw kind.custom ? notFound(kind, info.name) : noSuchPath();
  const row = kind.subresources.find((one) => one.name === subresource);
  const verbs = subresource === "" ? kind.verbs : (row?.verbs ?? []);
  const streaming = subresource === "proxy" || subresource === "exec" || subresource === "attach";
  const isOfAll = kind.namespaced && info.namespace === "" && needsNamespace(info);
  const misplaced = isOfAll || (!streaming && isMisplaced(info));
  if (kind.custom && subresource !== "" && !verbs.includes(verb)) throw methodNotSupported(kind, verb);
  if (misplaced || (!verbs.includes(verb) && !streaming)) throw noSuchMethod();
}

/** Creating needs a collection or a subresource, changing needs an object. */
function isMisplaced({ verb, name, subresource }: ResourceRequest): boolean {
  if (verb === "create") return name !== "" && subresource === "";
  return (verb === "update" || verb === "patch") && name === "";
}
