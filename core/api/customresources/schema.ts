import type { JSONSchemaProps } from "../generated/types.ts";

/** A structural schema: what a CustomResourceDefinition says of a value. */
export type Schema = JSONSchemaProps & {
  readonly items?: JSONSchemaProps;
};

/** Members that every object has, whatever its schema says. */
export const objectHead: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

export function propertyOf(schema: Schema, name: string): Schema | undefined {
  const { properties } = schema;
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of members that have none of their own; undefined without one. */
export function additionalOf({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** Members without a schema are kept. */
export function isOpen(schema: Schema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true;
}

export function memberSchema(schema: Schema, name: string): Schema | undefined {
  return propertyOf(schema, name) ?? additionalOf(schema);
}

/** The schemas right below one. */
export function childrenOf(schema: Schema): Schema[] {
  const all = [
    ...Object.values(schema.properties ?? {}),
    additionalOf(schema),
    Array.isArray(schema.items) ? undefined : schema.items,
  ];
  return all.filter((one) => one !== undefined);
}

export function hasDefaults(schema: Schema): boolean {
  return schema.default !== undefined || childrenOf(schema).some(hasDefaults);
}
