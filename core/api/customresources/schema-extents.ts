import { Extent, requestBytes, single, unbounded } from "../cel/extent.ts";
import { escapedName } from "../cel/schema-types.ts";
import { additionalOf, type Schema } from "./schema.ts";

/** Bytes that the shortest JSON of a value takes. */
export function shortestBytes(schema: Schema): number {
  switch (schema.type) {
    case "boolean":
      return 4;
    case "integer":
    case "number":
      return 1;
    case "object": {
      const needed = (schema.required ?? []).map((name): number => {
        const property = schema.properties?.[name];
        return property && property.default === undefined ? name.length + 4 + shortestBytes(property) : 0;
      });
      return needed.reduce((sum, one) => sum + one, 2);
    }
    default:
      return schema["x-kubernetes-int-or-string"] ? 1 : 2;
  }
}

/** The most items or entries that a value can have, by its limits or else by what fits into a request. */
export function mostWithin(schema: Schema): number {
  if (schema.type === "array") {
    if (schema.maxItems !== undefined) return Math.max(0, schema.maxItems);
    return Math.floor((requestBytes - 2) / (shortestBytes(schema.items ?? {}) + 1));
  }
  if (schema.maxProperties !== undefined) return Math.max(0, schema.maxProperties);
  return Math.floor((requestBytes - 2) / (shortestBytes(additionalOf(schema) ?? {}) + 6));
}

const textBytes: Readonly<Record<string, number>> = { duration: 32, date: 12, "date-time": 27 };

/** How large the values of a schema can become. */
export function extentOfSchema(schema: Schema): Extent {
  switch (schema.type) {
    case "boolean":
    case "integer":
    case "number":
      return single;
    case "string":
      return new Extent(textLength(schema));
    case "array":
      return new Extent(mostWithin(schema), extentOfSchema(schema.items ?? {}));
    case "object": {
      const additional = additionalOf(schema);
      if (additional) return new Extent(mostWithin(schema), extentOfSchema(additional));
      const members = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
        const extent = extentOfSchema(one);
        return [name, escapedName(name)].map((known): [string, Extent] => [known, extent]);
      });
      return new Extent(members.length, single, new Map(members));
    }
    default:
      return schema["x-kubernetes-int-or-string"] ? new Extent(textLength(schema)) : unbounded;
  }
}

/** In bytes: limits count characters, each of which may take four. */
function textLength({ format, maxLength, enum: values }: Schema): number {
  if (maxLength !== undefined) return Math.max(0, maxLength) * (format === "byte" ? 1 : 4);
  if (values && values.length > 0) return Math.max(...values.map((value) => JSON.stringify(value).length));
  return textBytes[format ?? ""] ?? requestBytes - 2;
}
