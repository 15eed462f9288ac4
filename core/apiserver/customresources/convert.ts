import { groupVersion, type JsonObject, type Kind } from "../../api/index.ts";
import type { Convert } from "../registry/object-forms.ts";

/** Conversion by a definition's strategy: without one, versions differ in nothing but their name. */
export function converter(webhook: Convert): Convert {
  return async (to: Kind, objects: readonly JsonObject[]) => {
    if (to.custom?.conversion.strategy === "Webhook") return webhook(to, objects);
    return objects.map((object) => ({ ...object, apiVersion: groupVersion(to) }));
  };
}
