import { groupVersion, type Kind } from "../kinds/kind.ts";

/** What a path answers and takes; the two versions of OpenAPI write it down differently. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly id: string;
  /** `list`, `post`, … as `x-kubernetes-action`. */
  readonly action: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly description: string;
  }[];
  /** Type of the answer, and of the body where there is one. */
  readonly answer: string;
  readonly body?: string;
}

/** Paths of a kind with their operations: the collection, one object, its subresources. */
export function operationsOf(kind: Kind): Readonly<Record<string, readonly Operation[]>> {
  const root = kind.group === "" ? "/api" : "/apis";
  const scope = kind.namespaced ? "/namespaces/{namespace}" : "";
  const collection = `${root}/${groupVersion(kind)}${scope}/${kind.resource}`;
  const paths: Record<string, readonly Operation[]> = {
    [collection]: operations(kind, kind.verbs, collectionVerbs, ""),
    [`${collection}/{name}`]: operations(kind, kind.verbs, objectVerbs, ""),
  };
  for (const { name, verbs } of kind.subresources) {
    paths[`${collection}/{name}/${name}`] = operations(kind, verbs, [...objectVerbs, "create"], name);
  }
  return Object.fromEntries(Object.entries(paths).filter(([, list]) => list.length > 0));
}

const collectionVerbs = ["list", "create", "deletecollection"];
const objectVerbs = ["get", "update", "patch", "delete"];

const methods: Readonly<Record<string, Operation["method"]>> = {
  list: "get",
  get: "get",
  create: "post",
  update: "put",
  patch: "patch",
  delete: "delete",
  deletecollection: "delete",
};

const actions: Readonly<Record<string, string>> = { create: "post", update: "put" };

function operations(
  kind: Kind,
  verbs: readonly string[],
  of: readonly string[],
  subresource: string,
): Operation[] {
  return of.filter((verb) => verbs.includes(verb)).map((verb) => operation(kind, verb, subresource));
}

function operation(kind: Kind, verb: string, subresource: string): Operation {
  const spoken = subresource === "" ? kind : kind.subresources.find(({ name }) => name === subresource)!;
  const isDelete = verb === "delete" || verb === "deletecollection";
  const answer = isDelete
    ? "meta.v1.Status"
    : subresource === ""
      ? kind.type
      : typeOfSubresource(kind, spoken.kind);
  const scope = kind.namespaced ? "Namespaced" : "";
  const id = [
    verb,
    groupName(kind),
    capitalised(kind.version),
    scope,
    kind.kind,
    capitalised(subresource),
  ].join("");
  return {
    method: methods[verb]!,
    id,
    action: actions[verb] ?? verb,
    kind: { group: spoken.group, version: spoken.version, kind: spoken.kind },
    parameters: (parametersByVerb[verb] ?? []).map((name) => parameters[name]!),
    answer: verb === "list" ? `${kind.type}List` : answer,
    ...(verb === "create" || verb === "update" ? { body: answer } : {}),
    ...(verb === "patch" ? { body: "object" } : {}),
    ...(isDelete ? { body: "meta.v1.DeleteOptions" } : {}),
  };
}

/** Options of streams are no bodies: the answer is whatever the container says. */
function typeOfSubresource(kind: Kind, spoken: string): string {
  if (spoken === kind.kind) return kind.type;
  if (spoken === "Scale") return "autoscaling.v1.Scale";
  if (spoken === "Eviction") return "policy.v1.Eviction";
  if (spoken === "TokenRequest") return "authentication.v1.TokenRequest";
  return spoken === "Binding" ? "core.v1.Binding" : "string";
}

const parameter = (name: string, type: string, description: string) => ({ name, type, description });

const parameters: Readonly<Record<string, ReturnType<typeof parameter>>> = {
  dryRun: parameter("dryRun", "string", "All: go through every stage, store nothing."),
  fieldManager: parameter("fieldManager", "string", "Name of who makes the change, for managedFields."),
  fieldValidation: parameter(
    "fieldValidation",
    "string",
    "Strict, Warn or Ignore: what to do with unknown and duplicate fields.",
  ),
  force: parameter("force", "boolean", "Take fields that another manager owns (apply only)."),
  gracePeriodSeconds: parameter("gracePeriodSeconds", "integer", "Seconds before the object is deleted."),
  propagationPolicy: parameter("propagationPolicy", "string", "Orphan, Background or Foreground."),
  labelSelector: parameter("labelSelector", "string", "Labels the objects must have."),
  fieldSelector: parameter("fieldSelector", "string", "Fields the objects must have."),
  limit: parameter("limit", "integer", "Most objects in one answer."),
  continue: parameter("continue", "string", "Where the previous answer ended."),
  resourceVersion: parameter("resourceVersion", "string", "The revision to read at."),
  resourceVersionMatch: parameter("resourceVersionMatch", "string", "Exact or NotOlderThan."),
  timeoutSeconds: parameter("timeoutSeconds", "integer", "Longest time the call may take."),
  watch: parameter("watch", "boolean", "Stream changes instead of listing."),
  allowWatchBookmarks: parameter(
    "allowWatchBookmarks",
    "boolean",
    "Send events that only tell the revision.",
  ),
  sendInitialEvents: parameter("sendInitialEvents", "boolean", "Begin a watch with what is there."),
};

const selection = [
  "labelSelector",
  "fieldSelector",
  "limit",
  "continue",
  "resourceVersion",
  "resourceVersionMatch",
  "timeoutSeconds",
];
const write = ["dryRun", "fieldManager", "fieldValidation"];

const parametersByVerb: Readonly<Record<string, readonly string[]>> = {
  list: [...selection, "watch", "allowWatchBookmarks", "sendInitialEvents"],
  create: write,
  update: write,
  patch: [...write, "force"],
  delete: ["dryRun", "gracePeriodSeconds", "propagationPolicy"],
  deletecollection: ["dryRun", "gracePeriodSeconds", "propagationPolicy", ...selection],
};

const groupName = (kind: Kind): string =>
  kind.group === "" ? "Core" : capitalised(kind.group.split(".")[0]!);
const capitalised = (word: string): string => (word === "" ? "" : word[0]!.toUpperCase() + word.slice(1));
