import type { Schema } from "../customresources/schema.ts";
import type { Kind } from "../kinds/kind.ts";

/** Definitions of custom kinds and their lists by the name of their type. */
export type CustomDefinitions = ReadonlyMap<string, { readonly name: string; readonly schema: object }>;

/** Types that custom kinds' definitions refer to. */
export const customRoots = ["meta.v1.ObjectMeta", "meta.v1.ListMeta"];
const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

export function customDefinitions(
  kinds: readonly Kind[],
  { refPrefix, isV2 }: { readonly refPrefix: string; readonly isV2: boolean },
): CustomDefinitions {
  const found = new Map<string, { name: string; schema: object }>();
  for (const kind of kinds) {
    if (!kind.custom) continue;
    const { group, version } = kind;
    const name = [...group.split(".").toReversed(), version, kind.kind].join(".");
    const schema = isV2 ? asV2(kind.custom.schema) : kind.custom.schema;
    const named = (spoken: string): object => ({
      "x-kubernetes-group-version-kind": [{ group, version, kind: spoken }],
    });
    const metadata = { $ref: `${refPrefix}${meta}.ObjectMeta` };
    const properties = {
      ...schema.properties,
      ...head,
      metadata: isV2 ? metadata : { allOf: [metadata], description: "Standard object's metadata." },
    };
    found.set(kind.type, { name, schema: { ...schema, properties, ...named(kind.kind) } });
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

/** What every object has, said of those that nobody described. */
export const head = {
  apiVersion: { type: "string", description: "Group and version of the object's form." },
  kind: { type: "string", description: "What the object is, in the words of its group." },
};

/** 2.0 has no nullable and no choices; what it cannot say is left open. */
function asV2(schema: Schema): Schema {
  const { oneOf: _o, anyOf: _a, allOf: _l, not: _n, nullable, ...rest } = schema;
  if (nullable || rest["x-kubernetes-int-or-string"]) {
    const { type: _t, properties: _p, items: _i, additionalProperties: _x, ...open } = rest;
    return open;
  }
  return {
    ...rest,
    ...(rest.properties ? { properties: mapped(rest.properties) } : {}),
    ...(rest.items ? { items: asV2(rest.items) } : {}),
    ...(typeof rest.additionalProperties === "object"
      ? { additionalProperties: asV2(rest.additionalProperties) }
      : {}),
  };
}

function mapped(properties: NonNullable<Schema["properties"]>): NonNullable<Schema["properties"]> {
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, asV2(one as Schema)]));
}
