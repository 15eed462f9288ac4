import { updateObject } from "../registry/registry.ts";
import { readObject } from "../registry/request-object.ts";
import { writeContext } from "../registry/resource-handler.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

/** PUT namespaces/NAME/finalize: the one way to take away a namespace's own finalizers. */
export const finalizeNamespace: SubresourceHandler = async (call: SubresourceCall) => {
  const { registry, kind, request, info, now } = call;
  const body = await readObject(request, kind);
  const context = { ...writeContext(request, info, now), subresource: "finalize" };
  const stored = await updateObject(
    registry,
    kind,
    "",
    info.name,
    (current) => {
      const object = current.copy<Draft>();
      object.spec = { ...object.spec, finalizers: body.spec?.["finalizers"] ?? [] };
      if (body.metadata.resourceVersion) object.metadata.resourceVersion = body.metadata.resourceVersion;
      else delete object.metadata.resourceVersion;
      return object;
    },
    context,
  );
  return { kind: "stored", status: 200, of: kind, object: stored };
};
