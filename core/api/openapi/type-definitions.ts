import type { Kind } from "../kinds/kind.ts";
import { elementType, type FieldSchema, typeSchema } from "../schema/type-schema.ts";
import { headOf } from "./custom-definitions.ts";
import { namedBasics, openApiName, plainBasics } from "./type-names.ts";

/** Sentences by type, then by field; the empty field is the type itself. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface DefinitionOptions {
  readonly descriptions: Descriptions;
  /** `#/components/schemas/` (3.0) or `#/definitions/` (2.0). */
  readonly refPrefix: string;
  /** 2.0 knows no oneOf, and takes text beside a reference. */
  readonly isV2: boolean;
}

/** Definitions of these types and of all they refer to, by OpenAPI name, in the order of names. */
export function definitionsOf(
  roots: Iterable<string>,
  kinds: readonly Kind[],
  options: DefinitionOptions,
): object {
  const builder = new Definitions(kinds, options);
  for (const root of roots) builder.add(root);
  return Object.fromEntries([...builder.found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

class Definitions {
  readonly found = new Map<string, object>();
  readonly #options: DefinitionOptions;
  readonly #kindsByType: ReadonlyMap<string, Kind[]>;

  constructor(kinds: readonly Kind[], options: DefinitionOptions) {
    this.#options = options;
    const byType = new Map<string, Kind[]>();
    for (const kind of kinds) byType.set(kind.type, [...(byType.get(kind.type) ?? []), kind]);
    this.#kindsByType = byType;
  }

  add(type: string): string {
    const basic = namedBasics[type];
    const name = basic?.name ?? openApiName(type);
    if (this.found.has(name)) return name;
    if (basic) {
      this.found.set(name, this.#options.isV2 ? (basic.v2 ?? basic.schema) : basic.schema);
      return name;
    }
    const schema = typeSchema(type);
    const definition: Record<string, unknown> = { type: "object" };
    this.found.set(name, definition);
    const description = this.#options.descriptions[type]?.[""];
    if (description) definition["description"] = description;
    const required = schema?.fields.filter((field) => field.required).map((field) => field.name) ?? [];
    if (required.length > 0) definition["required"] = required.toSorted();
    const properties = schema?.fields.map((field) => [field.name, this.#property(type, field)]) ?? [];
    if (properties.length > 0) definition["properties"] = Object.fromEntries(properties);
    if (schema?.atomic) definition["x-kubernetes-map-type"] = "atomic";
    if (schema?.unions) definition["x-kubernetes-unions"] = schema.unions;
    const names = this.#kindNames(type);
    if (names.length > 0) definition["x-kubernetes-group-version-kind"] = names;
    return name;
  }

  /** The kinds whose objects, or lists, are of the type. */
  #kindNames(type: string): object[] {
    const own = this.#kindsByType.get(type) ?? [];
    const listed = type.endsWith("List") ? (this.#kindsByType.get(type.slice(0, -"List".length)) ?? []) : [];
    return [
      ...own.map(({ group, version, kind }) => ({ group, version, kind })),
      ...listed.map(({ group, version, kind }) => ({ group, version, kind: `${kind}List` })),
    ];
  }

  #property(type: string, field: FieldSchema): object {
    const property: Record<string, unknown> = {};
    const description = this.#descriptionOf(type, field);
    if (description) property["description"] = description;
    if (field.default !== undefined) property["default"] = field.default;
    Object.assign(property, this.#expression(field.type, Object.keys(property).length > 0));
    if (field.enum && field.type === "string") property["enum"] = field.enum;
    if (field.atomic && !field.list) property["x-kubernetes-map-type"] = "atomic";
    if (field.list) property["x-kubernetes-list-type"] = field.list;
    if (field.keys) property["x-kubernetes-list-map-keys"] = field.keys;
    if (field.patch) property["x-kubernetes-patch-strategy"] = field.patch;
    if (field.mergeKey) property["x-kubernetes-patch-merge-key"] = field.mergeKey;
    return property;
  }

  /** Where nothing is said of the member itself, what is said of its type: `kubectl explain` looks no further. */
  #descriptionOf(type: string, field: FieldSchema): string | undefined {
    const { descriptions } = this.#options;
    let referred = field.type;
    for (let element = elementType(referred); element; element = elementType(referred))
      referred = element.element;
    return (
      descriptions[type]?.[field.name] ??
      descriptions[referred]?.[""] ??
      (headOf(descriptions) as Partial<Record<string, { description?: string }>>)[field.name]?.description
    );
  }

  #expression(type: string, hasSiblings: boolean): object {
    const element = elementType(type);
    if (element?.of === "list") return { type: "array", items: this.#expression(element.element, false) };
    if (element) return { type: "object", additionalProperties: this.#expression(element.element, false) };
    const plain = plainBasics[type];
    if (plain) return plain;
    const reference = { $ref: this.#options.refPrefix + this.add(type) };
    return hasSiblings && !this.#options.isV2 ? { allOf: [reference] } : reference;
  }
}
