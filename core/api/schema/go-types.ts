import { isExactInteger } from "../json/raw-number.ts";
import { elementType, typeSchema } from "./type-schema.ts";

const scalars: Readonly<Record<string, string>> = {
  double: "float64",
  bytes: "string",
  intstr: "int32",
  time: "string",
  microtime: "string",
  duration: "string",
};

/** `core.v1.Container` is `v1.Container` there. */
export function goType(type: string): string {
  const element = elementType(type);
  if (element) return (element.of === "list" ? "[]" : "map[string]") + goType(element.element);
  return typeSchema(type) ? type.split(".").slice(-2).join(".") : (scalars[type] ?? type);
}

/** As Go calls what stands in JSON where something else is wanted. */
export function goKind(value: unknown, wanted: string): string {
  if (Array.isArray(value)) return "array";
  const isNumber = typeof value === "number" || isExactInteger(value);
  if (!isNumber) return typeof value === "boolean" ? "bool" : typeof value;
  const text = isExactInteger(value) ? value.rawJSON : String(value);
  return /^(?:int|float)/.test(wanted) ? `number ${text}` : "number";
}

/** The struct and the members of structs on the way to a place, and the type that is wanted there. */
export function goPlace(
  root: string,
  path: readonly (string | number)[],
): { readonly struct: string; readonly field: string; readonly wanted: string } | undefined {
  let type = root;
  let struct = "";
  const members: string[] = [];
  for (const step of path) {
    const element = elementType(type);
    if (element) {
      type = element.element;
      continue;
    }
    const field = typeSchema(type)?.fields.find(({ name }) => name === step);
    if (!field) return undefined;
    struct = type.slice(type.lastIndexOf(".") + 1);
    members.push(field.name);
    type = field.type;
  }
  return { struct, field: members.join("."), wanted: goType(type) };
}
