import { deepEqual, isJsonObject, ownMember } from "../json/json-value.ts";
import type { Schema } from "./schema.ts";

/** What an item of a list was before: items of lists with keys are found by them, others have no past. */
export function oldItemOf(schema: Schema, item: unknown, old: unknown): unknown {
  if (schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(old) || !isJsonObject(item))
    return undefined;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  return old.find(
    (one) => isJsonObject(one) && keys.every((key) => deepEqual(ownMember(one, key), ownMember(item, key))),
  );
}
