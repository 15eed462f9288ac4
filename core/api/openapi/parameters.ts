import { typeSchema } from "../schema/type-schema.ts";

/** What may stand behind the question mark of a path, or within it. */
export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path";
  readonly type: string;
  readonly description?: string;
}

const parameter = (name: string, type: string, description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});

const told: readonly Parameter[] = [
  parameter("dryRun", "string", "All: go through every stage, store nothing."),
  parameter("fieldManager", "string", "Name of who makes the change, for managedFields."),
  parameter(
    "fieldValidation",
    "string",
    "Strict, Warn or Ignore: what to do with unknown and duplicate fields.",
  ),
  parameter("force", "boolean", "Take fields that another manager owns (apply only)."),
  parameter("gracePeriodSeconds", "integer", "Seconds before the object is deleted."),
  parameter(
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "boolean",
    "Delete what cannot be read any more.",
  ),
  parameter("orphanDependents", "boolean", "Old form of propagationPolicy."),
  parameter("propagationPolicy", "string", "Orphan, Background or Foreground."),
  parameter("labelSelector", "string", "Labels the objects must have."),
  parameter("fieldSelector", "string", "Fields the objects must have."),
  parameter(
    "shardSelector",
    "string",
    "The part of all objects that is wanted, where a server divides them.",
  ),
  parameter("limit", "integer", "Most objects in one answer."),
  parameter("continue", "string", "Where the previous answer ended."),
  parameter("resourceVersion", "string", "The revision to read at."),
  parameter("resourceVersionMatch", "string", "Exact or NotOlderThan."),
  parameter("timeoutSeconds", "integer", "Longest time the call may take."),
  parameter("watch", "boolean", "Stream changes instead of listing."),
  parameter("allowWatchBookmarks", "boolean", "Send events that only tell the revision."),
  parameter("sendInitialEvents", "boolean", "Begin a watch with what is there."),
  parameter("pretty", "string", "true: break the lines of the answer."),
];

/** By name. */
export const sharedParameters: ReadonlyMap<string, Parameter> = new Map(told.map((one) => [one.name, one]));

const selection =
  "continue fieldSelector labelSelector limit resourceVersion resourceVersionMatch sendInitialEvents shardSelector timeoutSeconds";
const deletion =
  "dryRun gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents propagationPolicy";
const write = "dryRun fieldManager fieldValidation";

const namesByVerb: Readonly<Record<string, string>> = {
  list: `allowWatchBookmarks ${selection} watch`,
  watch: `allowWatchBookmarks ${selection} watch`,
  create: write,
  update: write,
  patch: `${write} force`,
  delete: deletion,
  deletecollection: `${deletion} ${selection}`,
};

/** Of a verb on objects, by name. */
export function parametersOf(verb: string): Parameter[] {
  const names = `pretty ${namesByVerb[verb] ?? ""}`.trim().split(" ");
  return names.toSorted().map((name) => sharedParameters.get(name)!);
}

const basics: Readonly<Record<string, string>> = {
  string: "string",
  bool: "boolean",
  int32: "integer",
  int64: "integer",
};

/** Of what is told of a stream in the members of a type: the simple ones. */
export function streamParameters(type: string): Parameter[] {
  const fields = typeSchema(type)?.fields ?? [];
  return fields.flatMap(({ name, type: of }) => {
    const basic = basics[of.replace(/^\[\]/, "")];
    return basic && name !== "kind" && name !== "apiVersion" ? [{ name, in: "query", type: basic }] : [];
  });
}

/** Of the path's own names. */
export function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    type: "string",
    description: pathNames[name] ?? "",
  }));
}

const pathNames: Readonly<Record<string, string>> = {
  name: "Name of the object.",
  namespace: "Namespace of the object.",
  path: "Where on the server behind it.",
};
