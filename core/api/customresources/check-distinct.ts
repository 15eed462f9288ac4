import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { memberSchema, type Schema } from "./schema.ts";

/** Items of sets and of lists with keys stand there once, anywhere in a value; each that does not is told once. */
export function checkDistinct(
  schema: Schema,
  value: unknown,
  at: FieldPath | undefined,
  errors: FieldErrors,
): void {
  if (Array.isArray(value)) {
    const here = at ?? FieldPath.of("<nil>");
    checkList(schema, value, here, errors);
    const items = schema.items as Schema | undefined;
    if (items)
      for (const [index, item] of value.entries()) checkDistinct(items, item, here.at(index), errors);
  } else if (isJsonObject(value))
    for (const [name, member] of Object.entries(value)) {
      const inner = memberSchema(schema, name);
      if (inner) checkDistinct(inner, member, at ? at.child(name) : FieldPath.of(name), errors);
    }
}

function checkList(schema: Schema, list: unknown[], at: FieldPath, errors: FieldErrors): void {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map") return;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const seen = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const key = kind === "set" ? item : keyOf(item, keys);
    const text = JSON.stringify(key);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    if (count === 2) errors.duplicate(at.at(index), key);
  }
}

function keyOf(item: unknown, keys: readonly string[]): JsonObject {
  const object = isJsonObject(item) ? item : {};
  return Object.fromEntries(keys.map((name) => [name, ownMember(object, name)]));
}
