import { isJsonObject, type JsonObject } from "../json/json-value.ts";
import type { TypeLookup } from "../schema/type-schema.ts";
import { membersOf, type Shape } from "./field-shapes.ts";

/** Paths of the lists and objects in a value that are only ever written as a whole: `.spec.containers[0].command`. */
export function wholeParts(type: string, value: JsonObject, types: TypeLookup): string[] {
  return found({ kind: "object", type }, value, "", types);
}

function found(shape: Shape, value: unknown, path: string, types: TypeLookup): string[] {
  if (Array.isArray(value)) {
    if (shape.kind === "whole") return [path];
    if (shape.kind !== "keyed") return [];
    const item: Shape = shape.areWhole ? { kind: "whole" } : { kind: "object", type: shape.type };
    return value.flatMap((one, index) => found(item, one, `${path}[${index}]`, types));
  }
  if (!isJsonObject(value)) return [];
  if (shape.kind === "whole") return [path];
  if (shape.kind !== "object") return [];
  const members = membersOf(shape.type, types);
  return Object.entries(value).flatMap(([name, member]) =>
    found(members.of(name).shape, member, `${path}.${name}`, types),
  );
}
