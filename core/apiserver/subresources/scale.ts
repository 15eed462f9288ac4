import {
  decodeAs,
  formatLabelSelector,
  type JsonObject,
  jsonPatch,
  mergePatch,
  namedType,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { LabelSelector } from "../authz/rbac-types.ts";
import { badRequest, invalid, methodNotAllowed, notFound } from "../request/status-error.ts";
import type { Draft } from "../registry/object-meta.ts";
import { patchKind } from "../registry/patch-object.ts";
import { updateObject } from "../registry/registry.ts";
import { mediaType, readNamed, readValue } from "../registry/request-object.ts";
import { writeContext } from "../registry/resource-handler.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

interface Scale extends JsonObject {
  metadata: { resourceVersion?: string };
  spec?: { replicas?: number };
}

const scaleType = namedType("autoscaling/v1", "Scale")!;

/** The scale view of what has replicas: `kubectl scale`, autoscalers. */
export const scale: SubresourceHandler = async (call: SubresourceCall) => {
  const { registry, kind, info } = call;
  if (info.verb === "get") {
    const object = registry.objects.cached(kind, info.namespace, info.name);
    if (!object) throw notFound(kind, info.name);
    return { kind: "object", status: 200, value: scaleOf(object) };
  }
  const context = { ...writeContext(call.request, info, call.now), subresource: "scale" };
  const change = await changeOf(call);
  const stored = await updateObject(
    registry,
    kind,
    info.namespace,
    info.name,
    (current) => {
      const wanted = change(scaleOf(current));
      const replicas = wanted.spec?.replicas ?? 0;
      if (!Number.isInteger(replicas) || replicas < 0) {
        const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
        const cause = { reason: "FieldValueInvalid", field: "spec.replicas", message };
        throw invalid({ group: "autoscaling", resource: "scales", kind: "Scale" }, info.name, [cause]);
      }
      const object = current.copy<Draft>();
      object.spec = { ...object.spec, replicas };
      const asked = wanted.metadata.resourceVersion;
      if (asked && asked !== String(current.revision)) object.metadata.resourceVersion = asked;
      else delete object.metadata.resourceVersion;
      return object;
    },
    context,
  );
  return { kind: "object", status: 200, value: scaleOf(stored) };
};

async function changeOf({ request, info }: SubresourceCall): Promise<(present: Scale) => Scale> {
  if (info.verb === "update") {
    const body = await readNamed<Scale>(request, scaleType);
    return () => body;
  }
  if (info.verb !== "patch") throw methodNotAllowed(`${info.verb} is not allowed on a scale`);
  const how = patchKind(mediaType(request.body.contentType));
  const body = await readValue(
    request.body.kind === "bytes" ? { ...request.body, contentType: "application/json" } : request.body,
  );
  if (!body || how === "apply")
    throw badRequest("the patch is empty or of a form that a scale does not take");
  return (present) => {
    const value = how === "json" ? jsonPatch(present, body.value) : mergePatch(present, body.value);
    return decodeAs<Scale>(scaleType, { value }, "Ignore").object;
  };
}

function scaleOf(cached: CachedObject): Scale {
  const { metadata, spec = {}, status = {} } = cached.object<Draft>();
  const { name, namespace, uid, creationTimestamp } = metadata;
  const selector = spec["selector"] as LabelSelector | Record<string, string> | undefined;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion: String(cached.revision), creationTimestamp },
    spec: { replicas: (spec["replicas"] as number | undefined) ?? 0 },
    status: {
      replicas: (status["replicas"] as number | undefined) ?? 0,
      ...(selector ? { selector: selectorText(selector) } : {}),
    },
  } as Scale;
}

/** A replication controller's selector is a plain map. */
function selectorText(selector: LabelSelector | Record<string, string>): string {
  const structured = "matchLabels" in selector || "matchExpressions" in selector;
  return formatLabelSelector(structured ? selector : { matchLabels: selector as Record<string, string> });
}
