import {
  type Column,
  decodeAs,
  formatLabelSelector,
  groupVersion,
  isJsonObject,
  type JsonObject,
  jsonPatch,
  type Kind,
  mergePatch,
  namedType,
  type Printed,
  simplePath,
} from "../../api/index.ts";
import { type Shown, shownAs } from "../admission/shown-request.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { outputForm } from "../render/accept.ts";
import { includeObjectOf, tableOf } from "../render/render-object.ts";
import type { ObjectReply } from "../request/request.ts";
import type { LabelSelector } from "../authz/rbac-types.ts";
import {
  badRequest,
  internalError,
  invalid,
  methodNotAllowed,
  notFound,
  type StatusError,
} from "../request/status-error.ts";
import type { Draft } from "../registry/object-meta.ts";
import { applyObject } from "../registry/apply-object.ts";
import { patchKind } from "../registry/patch-object.ts";
import { updateObject } from "../registry/registry.ts";
import { mediaType, readNamed, readNamedApply, readValue } from "../registry/request-object.ts";
import { writeContext } from "../registry/resource-handler.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

interface Scale extends JsonObject {
  metadata: { name?: string; resourceVersion?: string };
  spec?: { replicas?: number };
}

const scaleType = namedType("autoscaling/v1", "Scale")!;

/** The scale view of what has replicas: `kubectl scale`, autoscalers. */
export const scale: SubresourceHandler = async (call: SubresourceCall) => {
  const { registry, kind, info } = call;
  if (info.verb === "get") {
    const object = await registry.objects.found(kind, info.namespace, info.name);
    if (!object) throw notFound(kind, info.name);
    checkHasReplicas(kind, object);
    return replyOf(call, object);
  }
  const show = (object: Draft | undefined, old: Draft | undefined): Shown =>
    shownAs(scaleType, {
      object: object && shownScale(kind, object),
      old: old && shownScale(kind, old),
      accept: (next) => writeAt(object!, pathsOf(kind).replicas, next.spec?.["replicas"] ?? 0),
    });
  const context = { ...writeContext(call.request, info, call.now), subresource: "scale", show };
  if (info.verb === "patch" && patchKind(mediaType(call.request.body.contentType)) === "apply") {
    const wanted = await appliedParent(call);
    const force = call.request.query.get("force") === "true";
    const { object } = await applyObject(registry, kind, info, wanted, force, context);
    return replyOf(call, object);
  }
  const change = await changeOf(call);
  const stored = await updateObject(
    registry,
    kind,
    info.namespace,
    info.name,
    (current) => {
      const wanted = change(scaleOf(kind, current));
      const { name } = wanted.metadata;
      if (name && name !== info.name)
        throw badRequest(
          `the name of the object (${name}) does not match the name on the URL (${info.name})`,
        );
      const replicas = wanted.spec?.replicas ?? 0;
      if (!Number.isInteger(replicas) || replicas < 0) {
        if (kind.custom) throw negativeReplicas(kind, info.name, replicas);
        const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
        const cause = { reason: "FieldValueInvalid", field: "spec.replicas", message };
        throw invalid({ group: "autoscaling", resource: "scales", kind: "Scale" }, info.name, [cause]);
      }
      const object = current.copy<Draft>();
      writeAt(object, pathsOf(kind).replicas, replicas);
      const asked = wanted.metadata.resourceVersion;
      if (asked && asked !== String(current.revision)) object.metadata.resourceVersion = asked;
      else delete object.metadata.resourceVersion;
      return object;
    },
    context,
  );
  return replyOf(call, stored);
};

/** Told where the definition says that they are. */
function negativeReplicas(kind: Kind, name: string, replicas: number): StatusError {
  const message = `Invalid value: ${replicas}: should be a non-negative integer`;
  return invalid(kind, name, [
    { reason: "FieldValueInvalid", message, field: kind.custom?.scale?.replicas ?? "" },
  ]);
}

/** A custom resource that has no replicas has no scale to show either. */
function checkHasReplicas(kind: Kind, object: CachedObject): void {
  const path = kind.custom?.scale?.replicas;
  if (path !== undefined && readAt(object.object<Draft>(), pathsOf(kind).replicas) === undefined)
    throw internalError(`the spec replicas field ${JSON.stringify(path)} does not exist`);
}

/** As `kubectl get --subresource=scale` prints it. */
const printed: Printed = {
  type: "autoscaling.v1.Scale",
  columns: [
    column("Name", "string", { path: "metadata.name", documentedBy: "meta.v1.ObjectMeta.name" }),
    column("Desired", "integer", { path: "spec.replicas", description: "Pods that are wanted" }),
    column("Available", "integer", { path: "status.replicas", description: "Pods that there are" }),
    column("Age", "string", { documentedBy: "meta.v1.ObjectMeta.creationTimestamp" }),
  ],
};

function column(name: string, type: string, more: Partial<Column>): Column {
  return { name, type, format: "", priority: 0, ...more };
}

function replyOf({ kind, request, now }: SubresourceCall, object: CachedObject): ObjectReply {
  const value = scaleOf(kind, object);
  const form = outputForm(request.headers["accept"]);
  if (form.as !== "table") return { kind: "object", status: 200, value };
  const rendering = { form, includeObject: includeObjectOf(request.query, form), now };
  const metadata = { resourceVersion: String(object.revision) };
  return { kind: "object", status: 200, value: tableOf(printed, [value], rendering, metadata) };
}

/** What an applied Scale says of the object it is the view of, whose fields are the ones that have owners. */
async function appliedParent({ request, kind, info }: SubresourceCall): Promise<Draft> {
  const { metadata, spec } = await readNamedApply<Scale & Draft>(request, scaleType);
  const parent: Draft = {
    apiVersion: groupVersion(kind),
    kind: kind.kind,
    metadata: { ...metadata, name: metadata?.name ?? info.name },
  };
  if (spec?.replicas !== undefined) writeAt(parent, pathsOf(kind).replicas, spec.replicas);
  return parent;
}

async function changeOf({ request, info }: SubresourceCall): Promise<(present: Scale) => Scale> {
  if (info.verb === "update") {
    const body = await readNamed<Scale & Draft>(request, scaleType);
    const name = body.metadata?.name;
    if (name && name !== info.name)
      throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
    return () => body;
  }
  if (info.verb !== "patch") throw methodNotAllowed(`${info.verb} is not allowed on a scale`);
  const how = patchKind(mediaType(request.body.contentType));
  const body = await readValue(
    request.body.kind === "bytes" ? { ...request.body, contentType: "application/json" } : request.body,
  );
  if (!body) throw badRequest("the patch is empty");
  return (present) => {
    const value = how === "json" ? jsonPatch(present, body.value) : mergePatch(present, body.value);
    return decodeAs<Scale>(scaleType, { value }, "Ignore").object;
  };
}

function scaleOf(kind: Kind, cached: CachedObject): Scale {
  return shownScale(kind, cached.object<Draft>());
}

function shownScale(kind: Kind, object: Draft): Scale & Draft {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  const paths = pathsOf(kind);
  const replicas = (readAt(object, paths.replicas) as number | undefined) ?? 0;
  const selector = paths.selector && readAt(object, paths.selector);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)),
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: readAt(object, paths.statusReplicas) ?? 0,
      ...(selector ? { selector: selectorText(selector) } : {}),
    },
  };
}

interface Paths {
  readonly replicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector: readonly string[] | undefined;
}

/** Where a kind has what its scale shows; a definition says it of its own. */
function pathsOf({ custom }: Kind): Paths {
  const own = custom?.scale;
  if (!own) return usualPaths;
  return {
    replicas: simplePath(own.replicas) ?? [],
    statusReplicas: simplePath(own.statusReplicas) ?? [],
    selector: own.selector === undefined ? undefined : simplePath(own.selector),
  };
}

const usualPaths: Paths = {
  replicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};

function readAt(object: JsonObject, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

function writeAt(object: JsonObject, path: readonly string[], value: unknown): void {
  let holder = object;
  for (const name of path.slice(0, -1)) {
    if (!isJsonObject(holder[name])) holder[name] = {};
    holder = holder[name] as JsonObject;
  }
  holder[path.at(-1)!] = value;
}

/** A custom resource tells its selector as text, a replication controller as a plain map. */
function selectorText(selector: string | LabelSelector | Record<string, string>): string {
  if (typeof selector === "string") return selector;
  const structured = "matchLabels" in selector || "matchExpressions" in selector;
  return formatLabelSelector(structured ? selector : { matchLabels: selector as Record<string, string> });
}
