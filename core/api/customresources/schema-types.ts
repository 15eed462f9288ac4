import { deducedType } from "../apply/field-shapes.ts";
import { type FieldSchema, type TypeLookup, typeSchema, type TypeSchema } from "../schema/type-schema.ts";
import { additionalOf, isOpen, objectHead, type Schema } from "./schema.ts";

/** Name of the type that a custom object itself has among its types. */
export const rootType = "custom";

/** The types in a structural schema, in the form that built-in ones have, named by where they stand. */
export function schemaTypes(root: Schema): TypeLookup {
  const types = new Map<string, TypeSchema>();
  addObject(types, rootType, root, true);
  return (name) => types.get(name) ?? typeSchema(name);
}

function addObject(types: Map<string, TypeSchema>, name: string, schema: Schema, isResource: boolean): void {
  const own = Object.entries(schema.properties ?? {}).filter(
    ([member]) => !isResource || !objectHead.has(member),
  );
  const fields = own.map(([member, of]) => fieldOf(types, `${name}.${member}`, member, of as Schema));
  types.set(name, {
    fields: isResource ? [...headFields, ...fields] : fields,
    ...(isOpen(schema) ? { rest: deducedType } : {}),
  });
}

const headFields: readonly FieldSchema[] = [
  { name: "apiVersion", type: "string" },
  { name: "kind", type: "string" },
  { name: "metadata", type: "meta.v1.ObjectMeta" },
];

function fieldOf(types: Map<string, TypeSchema>, at: string, name: string, schema: Schema): FieldSchema {
  const list = schema["x-kubernetes-list-type"] as FieldSchema["list"] | undefined;
  return {
    name,
    type: typeOf(types, at, schema),
    ...(list ? { list } : {}),
    ...(schema["x-kubernetes-list-map-keys"] ? { keys: schema["x-kubernetes-list-map-keys"] } : {}),
    ...(schema["x-kubernetes-map-type"] === "atomic" ? { atomic: true as const } : {}),
    ...(schema.default === undefined ? {} : { default: schema.default }),
  };
}

function typeOf(types: Map<string, TypeSchema>, at: string, schema: Schema): string {
  if (schema["x-kubernetes-int-or-string"] === true) return "intstr";
  if (schema.type === "array") return `[]${schema.items ? typeOf(types, at, schema.items) : deducedType}`;
  if (schema.type !== "object" && schema.type) return schema.type;
  const additional = additionalOf(schema);
  if (additional) return `{}${typeOf(types, at, additional)}`;
  const isResource = schema["x-kubernetes-embedded-resource"] === true;
  if (!schema.properties && !isResource) return isOpen(schema) ? deducedType : "string";
  addObject(types, at, schema, isResource);
  return at;
}
