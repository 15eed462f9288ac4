import { deepCopy, isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
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
  const said = deepCopy(applied);
  const own = annotationsOf(said);
  if (own) delete own[annotation];
  annotations[annotation] = `${JSON.stringify(sorted(said))}\n`;
}

/** The members of every object by name, as Go writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value) || isExactInteger(value)) return value;
  const result: JsonObject = {};
  for (const name of Object.keys(value).toSorted()) setMember(result, name, sorted(value[name]));
  return result;
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
