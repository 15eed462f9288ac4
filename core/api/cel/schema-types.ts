import type { JsonObject } from "../json/json-value.ts";
import {
  boolType,
  bytesType,
  type CelField,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  objectType,
  stringType,
  timestampType,
} from "./types.ts";

/** Names that CEL keeps for itself; `self.__namespace__` reads the member `namespace`. */
const reservedNames: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/**
 * The type that a structural schema (of a CustomResourceDefinition) gives to `self`. Members it does not declare, or of which it
 * does not say what they are, cannot be reached, kept by `x-kubernetes-preserve-unknown-fields` or not;
 * `x-kubernetes-int-or-string` makes a member `dyn`.
 * @param path what messages call the type
 */
export function typeOfSchema(schema: unknown, path = "object"): CelType {
  return declaredType(schema, path) ?? dynType;
}

/** undefined for what no expression reaches. */
function declaredType(schema: unknown, path: string): CelType | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const { type, properties, additionalProperties, items, format } = schema as JsonObject;
  const flags = schema as JsonObject;
  if (flags["x-kubernetes-int-or-string"] === true) return dynType;
  switch (type) {
    case "boolean":
      return boolType;
    case "integer":
      return intType;
    case "number":
      return doubleType;
    case "string":
      return textTypes[String(format)] ?? stringType;
    case "array": {
      const item = declaredType(items, `${path}.@idx`);
      return item && listOf(item);
    }
    case "object":
      break;
    default:
      return undefined;
  }
  const isEmbedded = flags["x-kubernetes-embedded-resource"] === true;
  if (properties || isEmbedded) {
    const fields = fieldsOf((properties ?? {}) as JsonObject, path);
    if (isEmbedded)
      for (const [name, field] of resourceFields(path)) if (!fields.has(name)) fields.set(name, field);
    return objectType(path, fields);
  }
  if (!additionalProperties || typeof additionalProperties !== "object") return objectType(path, new Map());
  const element = declaredType(additionalProperties, `${path}.@elem`);
  return element && mapOf(stringType, element);
}

/** The type of a whole custom resource: its schema's fields, and of its metadata only the names. */
export function typeOfResource(schema: unknown): CelType {
  const type = typeOfSchema(schema);
  if (type.kind !== "object" || !type.fields) return type;
  return objectType(type.name, new Map([...type.fields, ...resourceFields(type.name)]));
}

const textTypes: Readonly<Record<string, CelType>> = {
  "date-time": timestampType,
  date: timestampType,
  duration: durationType,
  byte: bytesType,
};

function fieldsOf(properties: JsonObject, path: string): Map<string, CelField> {
  return new Map(
    Object.entries(properties).flatMap(([json, schema]): [string, CelField][] => {
      const type = declaredType(schema, `${path}.${json}`);
      if (!type) return [];
      const field = { json, type };
      const name = escapedName(json);
      // Whatever its letters, a name in backticks reaches the member.
      return name === json
        ? [[json, field]]
        : [
            [name, field],
            [json, field],
          ];
    }),
  );
}

function resourceFields(path: string): [string, CelField][] {
  const text = (json: string): [string, CelField] => [json, { json, type: stringType }];
  const metadata = objectType(`${path}.metadata`, new Map([text("name"), text("generateName")]));
  return [text("apiVersion"), text("kind"), ["metadata", { json: "metadata", type: metadata }]];
}

/** A member's name as an expression writes it: `foo-bar` is `foo__dash__bar`, `namespace` is `__namespace__`. */
export function escapedName(name: string): string {
  if (reservedNames.has(name)) return `__${name}__`;
  return name.replace(/__|[.\-/]/g, (part) => escapes[part]!);
}

const escapes: Readonly<Record<string, string>> = {
  __: "__underscores__",
  ".": "__dot__",
  "-": "__dash__",
  "/": "__slash__",
};
