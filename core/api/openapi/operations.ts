import { groupVersion, type Kind, type Subresource } from "../kinds/kind.ts";
import { type Parameter, parametersOf, pathParameters, streamParameters } from "./parameters.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete" | "options" | "head";

/** What a path answers and takes; the two versions of OpenAPI write it down differently. */
export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly tag: string;
  /** `list`, `post`, … as `x-kubernetes-action`; absent where no kind is spoken of. */
  readonly action?: string;
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly Parameter[];
  /** Type of the answer, and of the body where there is one. */
  readonly answer: string;
  readonly body?: string;
  readonly bodyIsOptional?: true;
  /** How the answer may be written. */
  readonly forms: readonly string[];
  readonly statuses: readonly ("200" | "201" | "202")[];
}

const json = ["application/json", "application/yaml"];
const protobuf = "application/vnd.kubernetes.protobuf";
const stream = (form: string): string => `${form};stream=watch`;
/** An answer that the server only passes on. */
const anyForm = ["*/*"];

type Shape = Readonly<Record<string, readonly Operation[]>>;

/** Paths of a kind with their operations: the collection, one object, its subresources, and the old paths of watches. */
export function operationsOf(kind: Kind): Shape {
  const root = `${kind.group === "" ? "/api" : "/apis"}/${groupVersion(kind)}`;
  const scope = kind.namespaced ? "/namespaces/{namespace}" : "";
  const all = `/${kind.resource}`;
  const own = `${scope}${all}`;
  const one = `${own}/{name}`;
  const scoped = kind.namespaced ? "Namespaced" : "";
  const paths: Record<string, readonly Operation[]> = {};
  const put = (path: string, verbs: readonly string[], name = ""): void => {
    paths[root + path] = verbs
      .filter((verb) => kind.verbs.includes(verb))
      .map((verb) => onObjects(kind, verb, root + path, `${name}${scoped}${kind.kind}`));
  };
  put(own, ["list", "create"]);
  const collection = kind.verbs.includes("deletecollection") ? ["deletecollection"] : [];
  paths[root + own] = [
    ...paths[root + own]!,
    ...collection.map((verb) => onObjects(kind, verb, root + own, `Collection${scoped}${kind.kind}`)),
  ];
  put(one, ["get", "update", "patch", "delete"]);
  for (const subresource of kind.subresources) {
    const path = `${root}${one}/${subresource.name}`;
    paths[path] = onSubresource(kind, subresource, path);
    if (subresource.name === "proxy")
      paths[`${path}/{path}`] = onSubresource(kind, subresource, `${path}/{path}`);
  }
  if (kind.namespaced && kind.verbs.includes("list"))
    paths[root + all] = [onObjects(kind, "list", root + all, `${kind.kind}ForAllNamespaces`)];
  // Definitions' kinds came when these paths were old already.
  if (kind.verbs.includes("watch") && !kind.custom) {
    const watch = (path: string, name: string, action: string): void => {
      const at = `${root}/watch${path}`;
      paths[at] = [{ ...onObjects(kind, "watch", at, name), action }];
    };
    watch(own, `${scoped}${kind.kind}List`, "watchlist");
    watch(one, `${scoped}${kind.kind}`, "watch");
    if (kind.namespaced) watch(all, `${kind.kind}ListForAllNamespaces`, "watchlist");
  }
  return Object.fromEntries(Object.entries(paths).filter(([, list]) => list.length > 0));
}

/** The list of resources of a group and version. */
export function discoveryOperations(kind: Pick<Kind, "group" | "version" | "custom">): Shape {
  const operation: Operation = {
    method: "get",
    id: `get${idOf(kind)}APIResources`,
    tag: tagOf(kind),
    parameters: [],
    answer: "meta.v1.APIResourceList",
    forms: formsOf(kind),
    statuses: ["200"],
  };
  return { [`${kind.group === "" ? "/api" : "/apis"}/${groupVersion(kind)}/`]: [operation] };
}

const methods: Readonly<Record<string, Method>> = {
  list: "get",
  watch: "get",
  get: "get",
  create: "post",
  update: "put",
  patch: "patch",
  delete: "delete",
  deletecollection: "delete",
};
const actions: Readonly<Record<string, string>> = { create: "post", update: "put" };
const words: Readonly<Record<string, string>> = {
  get: "read",
  update: "replace",
  deletecollection: "delete",
};
const statuses: Readonly<Record<string, Operation["statuses"]>> = {
  create: ["200", "201", "202"],
  update: ["200", "201"],
  patch: ["200", "201"],
  delete: ["200", "202"],
};

function onObjects(kind: Kind, verb: string, path: string, name: string, spoken = kind.kind): Operation {
  const isDelete = verb === "delete" || verb === "deletecollection";
  const type = spoken === kind.kind ? kind.type : typeOfSubresource(kind, spoken);
  const forms = formsOf(kind);
  return {
    method: methods[verb]!,
    id: `${words[verb] ?? verb}${idOf(kind)}${name}`,
    tag: tagOf(kind),
    action: actions[verb] ?? verb,
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    parameters: [...pathParameters(path), ...parametersOf(verb)],
    answer: answerOf(kind, verb, type),
    ...((verb === "create" || verb === "update") && { body: type }),
    ...(verb === "patch" && { body: "patch" }),
    ...(isDelete && { body: "meta.v1.DeleteOptions", bodyIsOptional: true }),
    forms: verb === "list" || verb === "watch" ? [...forms, ...streamsOf(kind)] : forms,
    statuses: statuses[verb] ?? ["200"],
  };
}

function answerOf(kind: Kind, verb: string, type: string): string {
  if (verb === "list") return `${kind.type}List`;
  if (verb === "watch") return "meta.v1.WatchEvent";
  if (verb === "deletecollection" || (verb === "delete" && !answersDeleted.has(kind.type)))
    return "meta.v1.Status";
  return type;
}

/** Types of which the object itself is what a deletion answers. */
const answersDeleted: ReadonlySet<string> = new Set([
  ...["PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ResourceQuota", "Service"].map(
    (name) => `core.v1.${name}`,
  ),
  "core.v1.ServiceAccount",
  ...["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"].map(
    (name) => `resource.v1.${name}`,
  ),
  ...["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"].map(
    (name) => `storage.v1.${name}`,
  ),
]);

function onSubresource(kind: Kind, subresource: Subresource, path: string): Operation[] {
  const { group, version, kind: spoken, name, verbs } = subresource;
  const of = { group, version, kind: spoken };
  const named = `${kind.namespaced ? "Namespaced" : ""}${kind.kind}${capitalised(name)}`;
  if (spoken.endsWith("Options")) {
    const connects = name === "proxy" ? allMethods : (["get", "post"] as const);
    return connects.map((method) => connect(kind, of, method, path, named));
  }
  const usual = ["get", "create", "update", "patch", "delete"].filter((verb) => verbs.includes(verb));
  const operations = usual.map((verb) => ({ ...onObjects(kind, verb, path, named, spoken), kind: of }));
  if (name !== "log") return operations;
  return operations.map((operation) => ({
    ...operation,
    answer: "string",
    parameters: [...operation.parameters, ...streamParameters("core.v1.PodLogOptions")],
    forms: ["text/plain", ...operation.forms],
  }));
}

const allMethods: readonly Method[] = ["get", "put", "post", "delete", "options", "head", "patch"];

function connect(
  kind: Kind,
  of: { readonly group: string; readonly version: string; readonly kind: string },
  method: Method,
  path: string,
  named: string,
): Operation {
  return {
    method,
    id: `connect${idOf(kind)}${capitalised(method)}${named}${path.endsWith("{path}") ? "WithPath" : ""}`,
    tag: tagOf(kind),
    action: "connect",
    kind: of,
    parameters: [...pathParameters(path), ...streamParameters(`core.v1.${of.kind}`)],
    answer: "string",
    forms: anyForm,
    statuses: ["200"],
  };
}

/** The type of what a subresource of another kind takes and answers; `string` of what is no object. */
export function typeOfSubresource(kind: Kind, spoken: string): string {
  if (spoken === kind.kind) return kind.type;
  if (spoken === "Scale") return "autoscaling.v1.Scale";
  if (spoken === "Eviction") return "policy.v1.Eviction";
  if (spoken === "TokenRequest") return "authentication.v1.TokenRequest";
  return spoken === "Binding" ? "core.v1.Binding" : "string";
}

type Served = Pick<Kind, "group" | "version" | "custom">;

const formsOf = ({ custom }: Served): readonly string[] => (custom ? json : [...json, protobuf]);
const streamsOf = ({ custom }: Served): readonly string[] =>
  custom ? [stream(json[0]!)] : [stream(json[0]!), stream(protobuf)];

/** What operations call a group: `rbacAuthorization` of `rbac.authorization.k8s.io`. */
export function wordOf(group: string): string {
  const parts = (group === "" ? "core" : group.replace(/\.k8s\.io$/, "")).split(/[^A-Za-z0-9]+/);
  return parts.map((part, at) => (at === 0 ? part : capitalised(part))).join("");
}

const idOf = ({ group, version }: Served): string => capitalised(wordOf(group)) + capitalised(version);
const tagOf = ({ group, version }: Served): string => `${wordOf(group)}_${version}`;
const capitalised = (word: string): string => (word === "" ? "" : word[0]!.toUpperCase() + word.slice(1));
