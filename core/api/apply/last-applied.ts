import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import type { TypeLookup } from "../schema/type-schema.ts";
import { claimedFields, compareFields } from "./compare-fields.ts";
import { type FieldSet, noFields, union, without } from "./field-set.ts";

/** Where kubectl keeps what it applied by itself, before it leaves applying to the server. */
const annotation = "kubectl.kubernetes.io/last-applied-configuration";
/** Only kubectl is known to be the heir of what stands there. */
const heir = "kubectl";

/** What kubectl once applied by itself and nobody has changed since: it may take that over without being forced. */
export function inheritedFields(
  type: string,
  live: JsonObject,
  manager: string,
  types: TypeLookup,
): FieldSet {
  const last = manager === heir ? lastApplied(live) : undefined;
  if (!last) return noFields;
  const { changed, removed } = compareFields(type, last, live, types);
  return without(claimedFields(type, last, types), union(changed, removed));
}

/** Keeps the annotation, where there is one, for those who go back to applying by kubectl itself. Changes the object. */
export function renewLastApplied(object: JsonObject, applied: JsonObject, manager: string): void {
  const annotations = annotationsOf(object);
  if (manager !== heir || annotations?.[annotation] === undefined) return;
  const { metadata, ...rest } = applied;
  const { annotations: said, ...meta } = metadata as JsonObject;
  const { [annotation]: _, ...others } = isJsonObject(said) ? said : noFields;
  const { apiVersion, kind, ...members } = rest;
  annotations[annotation] =
    `${JSON.stringify({ apiVersion, kind, metadata: { annotations: others, ...meta }, ...members })}\n`;
}

function lastApplied(live: JsonObject): JsonObject | undefined {
  const text = annotationsOf(live)?.[annotation];
  if (typeof text !== "string") return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Anybody may write an annotation: one that cannot be read is no inheritance.
    return undefined;
  }
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const metadata = ownMember(object, "metadata");
  const annotations = isJsonObject(metadata) ? ownMember(metadata, "annotations") : undefined;
  return isJsonObject(annotations) ? annotations : undefined;
}
