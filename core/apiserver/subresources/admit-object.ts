import type { NamedType } from "../../api/index.ts";
import { shownObject } from "../admission/shown-request.ts";
import type { Draft } from "../registry/object-meta.ts";
import { request as asked } from "../registry/registry.ts";
import { writeContext } from "../registry/resource-handler.ts";
import type { WriteContext } from "../registry/strategy.ts";
import type { SubresourceCall } from "./subresource.ts";

/**
 * Asks webhooks and policies about an object that is acted upon and not stored: an eviction, a request for a token. Mutations
 * change the object.
 */
export async function admitObject(
  { registry, kind, request, info, now }: SubresourceCall,
  named: NamedType,
  object: Draft,
  dryRunInBody?: readonly string[],
): Promise<WriteContext> {
  const context = writeContext(request, info, now, dryRunInBody);
  object.metadata ??= {};
  await registry.admission.connect({
    operation: "CREATE",
    kind,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    ...shownObject(named, object),
    ...asked(context),
  });
  return context;
}
