/** What a path and a method ask for, before anything is looked up. */
export type RequestInfo = ResourceRequest | PathRequest;

export interface ResourceRequest {
  readonly isResource: true;
  /** get, list, watch, create, update, patch, delete, deletecollection. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** "" without one. */
  readonly subresource: string;
  /** "" for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** "" for collections. */
  readonly name: string;
  /** What follows a `proxy` subresource, with its leading slash; "" otherwise. */
  readonly rest: string;
  /** By the older form of a path for watches, which is good for nothing else. */
  readonly watchPath?: boolean;
}

export interface PathRequest {
  readonly isResource: false;
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Subresources of a namespace; anything else after its name is a resource in it. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

/**
 * Reads `/api/v1/…` and `/apis/<group>/<version>/…`.
 * @throws URIError when the path is not well-formed percent-encoding
 */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const whole = path.includes("%") ? decodeURIComponent(path) : path;
  const other: PathRequest = { isResource: false, verb: method.toLowerCase(), path: whole };
  const parts = partsOf(path);
  const core = parts[0] === "api";
  if (!core && parts[0] !== "apis") return other;
  const head = core ? 2 : 3;
  if (parts.length <= head) return other;
  const group = core ? "" : parts[1]!;
  const version = parts[head - 1]!;
  let rest = parts.slice(head);
  if (path.includes("%")) rest = rest.map((part) => decodeURIComponent(part));
  // The older form of a watch: /api/v1/watch/pods.
  const oldWatch = rest[0] === "watch" && rest.length > 1;
  if (oldWatch) rest = rest.slice(1);
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !namespaceSubresources.has(rest[2]!)) rest = rest.slice(2);
  }
  const [resource = "", name = "", subresource = ""] = rest;
  const isCollection = name === "";
  return {
    isResource: true,
    verb: oldWatch ? "watch" : verbOf(method, isCollection, query),
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    rest: rest.length > 3 ? `/${rest.slice(3).join("/")}` : "",
    ...(oldWatch && { watchPath: true }),
  };
}

/** What stands between the slashes; empty parts do not count. */
function partsOf(path: string): string[] {
  const parts = path.slice(1).split("/");
  return parts.includes("") || !path.startsWith("/") ? path.split("/").filter((part) => part !== "") : parts;
}

function verbOf(method: string, isCollection: boolean, query: URLSearchParams): string {
  const verb = verbs[method] ?? "";
  if (isCollection && verb === "get" && isTrue(query.get("watch"))) return "watch";
  if (isCollection && verb === "get") return "list";
  if (isCollection && verb === "delete") return "deletecollection";
  return verb;
}

export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}
