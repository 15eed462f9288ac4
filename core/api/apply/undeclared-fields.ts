import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { nearestNameHint } from "../objects/decode-object.ts";
import type { TypeLookup } from "../schema/type-schema.ts";
import { shownPath } from "./field-set.ts";
import { keyElement, membersOf, type Shape } from "./field-shapes.ts";

/**
 * What server-side apply says of members that a type does not have: `.spec.containers[name="web"].imag: field not declared in
 * schema`. Items of keyed lists are named by their keys, as owners of fields are.
 * @param unknown as decoding names them: `spec.containers[0].imag`
 */
export function undeclaredFields(
  type: string,
  object: JsonObject,
  unknown: readonly string[],
  types: TypeLookup,
): string {
  const sentences = unknown.map(
    (path) =>
      `${keyedPath(type, object, path, types)}: field not declared in schema${nearestNameHint(type, path)}`,
  );
  return sentences.length === 1 ? sentences[0]! : `errors:\n  ${sentences.join("\n  ")}`;
}

/** Items of keyed lists by their keys, as owners of fields are named. */
export function keyedPath(type: string, object: JsonObject, path: string, types: TypeLookup): string {
  let [shape, value, shown]: [Shape, unknown, string] = [{ kind: "object", type }, object, ""];
  for (const step of path.match(/\[[^\]]*\]|[^.[]+/g) ?? []) {
    const item = Array.isArray(value) ? (value[Number(step.slice(1, -1))] as unknown) : undefined;
    if (shape.kind === "keyed" && isJsonObject(item)) {
      shown += shownPath([keyElement(shape.keys, item)]);
      [shape, value] = [{ kind: "object", type: shape.type }, item];
      continue;
    }
    shown += step.startsWith("[") ? step : `.${step}`;
    value = Array.isArray(value) ? item : isJsonObject(value) ? ownMember(value, step) : undefined;
    if (shape.kind === "object") shape = membersOf(shape.type, types).of(step).shape;
    else if (shape.kind === "map" || shape.kind === "set") shape = shape.element.shape;
  }
  return shown;
}
