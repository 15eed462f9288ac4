import { groupVersion, type Kind } from "../kinds/kind.ts";
import { elementType, type FieldSchema, typeSchema } from "../schema/type-schema.ts";
import { headOf } from "./custom-definitions.ts";
import { typeOfSubresource } from "./operations.ts";
import { namedBasics, openApiName, plainBasics } from "./type-names.ts";

/** Sentences by type, then by field; the empty field is the type itself. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface DefinitionOptions {
  readonly descriptions: Descriptions;
  /** `#/components/schemas/` (3.0) or `#/definitions/` (2.0). */
  readonly refPrefix: string;
  /** 2.0 knows no oneOf, and takes text beside a reference. */
  readonly isV2: boolean;
  /** Groups and versions whose are the options and events that all have in common. */
  readonly servedAs: readonly { readonly group: string; readonly version: string }[];
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

type KindName = Pick<Kind, "group" | "version" | "kind">;

class Definitions {
  readonly found = new Map<string, object>();
  readonly #options: DefinitionOptions;
  readonly #kindsByType: ReadonlyMap<string, KindName[]>;

  constructor(kinds: readonly Kind[], options: DefinitionOptions) {
    this.#options = options;
    const byType = new Map<string, KindName[]>();
    const put = (type: string, kind: KindName): void => {
      const known = byType.get(type) ?? [];
      const isKnown = known.some((one) => groupVersion(one) === groupVersion(kind) && one.kind === kind.kind);
      if (!isKnown) byType.set(type, [...known, kind]);
    };
    for (const kind of kinds) {
      put(kind.type, kind);
      for (const spoken of kind.subresources)
        if (spoken.kind !== kind.kind) put(typeOfSubresource(kind, spoken.kind), spoken);
    }
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
    const { servedAs } = this.#options;
    const name = type.slice("meta.v1.".length);
    if (ofEveryServer.has(type)) return [{ group: "", version: "v1", kind: name }];
    if (type === "meta.v1.DeleteOptions" || type === "meta.v1.WatchEvent")
      return servedAs.map(({ group, version }) => ({ group, version, kind: name }));
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
    // Clients of 2.0 would take what is written there for what the server does.
    const assumed = this.#options.isV2 ? undefined : (field.default ?? zeroOf(field));
    if (assumed !== undefined) property["default"] = assumed;
    const spoken = `${type}.${field.name}` === fieldsOfOwner ? "fieldsV1" : field.type;
    Object.assign(property, this.#expression(spoken, Object.keys(property).length > 0, field.enum));
    if (field.granular || `${type}.${field.name}` === saidToBeShared)
      property["x-kubernetes-map-type"] = "granular";
    else if (field.atomic && field.type === "bytes") property["x-kubernetes-list-type"] = "atomic";
    else if (field.atomic && !field.list && !typeSchema(field.type)?.atomic)
      property["x-kubernetes-map-type"] = "atomic";
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

  #expression(type: string, hasSiblings: boolean, values?: readonly string[]): object {
    const element = elementType(type);
    if (element?.of === "list") return { type: "array", items: this.#element(element.element, values) };
    if (element) return { type: "object", additionalProperties: this.#element(element.element, values) };
    const plain = plainBasics[type];
    if (plain) return values ? { ...plain, enum: values } : plain;
    const reference = { $ref: this.#options.refPrefix + this.add(type) };
    return hasSiblings && !this.#options.isV2 ? { allOf: [reference] } : reference;
  }

  #element(type: string, values?: readonly string[]): object {
    const assumed = this.#options.isV2 ? undefined : zeroOf({ type, always: true });
    if (assumed === undefined) return this.#expression(type, false, values);
    return { ...this.#expression(type, true, values), default: assumed };
  }
}

/** What is told in the first version of the core alone. */
const ofEveryServer: ReadonlySet<string> = new Set(
  ["Status", "APIResourceList", "APIGroup", "APIGroupList", "APIVersions"].map((name) => `meta.v1.${name}`),
);

/** Said to be shared by writers although that goes without saying. */
const saidToBeShared = "core.v1.PersistentVolumeClaimStatus.allocatedResourceStatuses";

/** Whose type is any object elsewhere. */
const fieldsOfOwner = "meta.v1.ManagedFieldsEntry.fieldsV1";

const zeros: Readonly<Record<string, unknown>> = { string: "", int32: 0, int64: 0, double: 0, bool: false };

/** What a member is when it is absent: readers of 3.0 are told where that is no absence. */
function zeroOf(field: Pick<FieldSchema, "type" | "pointer" | "always" | "required" | "number">): unknown {
  const { type, pointer, always, required, number } = field;
  if (pointer) return undefined;
  if (typeSchema(type)) return {};
  // Of members without a number nobody knows more than that they must be there.
  return always || (required && number === undefined) ? zeros[type] : undefined;
}
