import type { Schema } from "../customresources/schema.ts";
import type { Kind } from "../kinds/kind.ts";
import type { DefinitionOptions, Descriptions } from "./type-definitions.ts";

/** Definitions of custom kinds and their lists by the name of their type. */
export type CustomDefinitions = ReadonlyMap<string, { readonly name: string; readonly schema: object }>;

/** Types that custom kinds' definitions refer to. */
export const customRoots = ["meta.v1.ObjectMeta", "meta.v1.ListMeta"];
const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

export function customDefinitions(
  kinds: readonly Kind[],
  { refPrefix, isV2, descriptions }: DefinitionOptions,
): CustomDefinitions {
  const found = new Map<string, { name: string; schema: object }>();
  const metadata = { $ref: `${refPrefix}${meta}.ObjectMeta` };
  const head = headOf(descriptions);
  const objectHead = {
    ...head,
    metadata: isV2 ? metadata : { allOf: [metadata], description: descriptions["meta.v1.ObjectMeta"]?.[""] },
  };
  for (const kind of kinds) {
    if (!kind.custom) continue;
    const { group, version } = kind;
    const name = [...group.split(".").toReversed(), version, kind.kind].join(".");
    const named = (spoken: string): object => ({
      "x-kubernetes-group-version-kind": [{ group, version, kind: spoken }],
    });
    const own = isV2 ? asV2(kind.custom.schema) : kind.custom.schema;
    // Clients of 2.0 take the members that are named for all that there may be.
    const schema =
      isV2 && isOpen(own) ? { type: "object" } : withHead(withHeads(own, objectHead, isV2), objectHead);
    found.set(kind.type, { name, schema: { ...schema, ...named(kind.kind) } });
    const list = {
      type: "object",
      description: `${kind.kind}List is a list of ${kind.kind}`,
      required: ["items"],
      properties: {
        ...head,
        metadata: { $ref: `${refPrefix}${meta}.ListMeta` },
        items: { type: "array", items: { $ref: refPrefix + name } },
      },
      ...named(`${kind.kind}List`),
    };
    found.set(`${kind.type}List`, { name: `${name}List`, schema: list });
  }
  return found;
}

/** Objects within the object are objects too. */
function withHeads(schema: Schema, objectHead: object, isV2: boolean): Schema {
  const below = withChildren(schema, (child) => withHeads(child, objectHead, isV2));
  if (!schema["x-kubernetes-embedded-resource"] || (isV2 && isOpen(schema))) return below;
  const required = [...new Set([...(schema.required ?? []), "kind", "apiVersion"])];
  return { ...withHead(below, objectHead), required };
}

const withHead = (schema: Schema, objectHead: object): Schema => ({
  ...schema,
  properties: { ...schema.properties, ...objectHead },
});

const isOpen = (schema: Schema): boolean => schema["x-kubernetes-preserve-unknown-fields"] === true;

/** What every object has, in the words in which one that is described has it. */
export function headOf(descriptions: Descriptions): Readonly<Record<"apiVersion" | "kind", Schema>> {
  const told = (name: string): Schema => {
    const description = descriptions["core.v1.ConfigMap"]?.[name];
    return { type: "string", ...(description !== undefined && { description }) };
  };
  return { apiVersion: told("apiVersion"), kind: told("kind") };
}

/** 2.0 has no nullable and no choices; what it cannot say is left open, for clients that refuse what they cannot read. */
function asV2(schema: Schema): Schema {
  const { oneOf: _o, anyOf: _a, allOf: _l, not: _n, nullable, type, properties, items, ...rest } = schema;
  const hidesBelow = nullable || isOpen(schema);
  const isUntyped =
    nullable || (type === "object" && isOpen(schema)) || (type === "array" && (hidesBelow || !items));
  const required = rest.required?.filter((name) => !properties?.[name]?.nullable);
  const shown: Schema = {
    ...rest,
    ...(required ? { required } : {}),
    ...(type && !isUntyped ? { type } : {}),
    ...(properties && !hidesBelow ? { properties } : {}),
    ...(items && !hidesBelow ? { items } : {}),
  };
  return withChildren(shown, asV2);
}

function withChildren(schema: Schema, change: (child: Schema) => Schema): Schema {
  const { properties, items, additionalProperties } = schema;
  const changed = ([name, one]: [string, Schema]): [string, Schema] => [name, change(one)];
  return {
    ...schema,
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(changed)) } : {}),
    ...(items ? { items: change(items) } : {}),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: change(additionalProperties) }
      : {}),
  };
}
