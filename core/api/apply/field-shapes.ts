import { type JsonObject, ownMember } from "../json/json-value.ts";
import { elementType, type FieldSchema, type TypeLookup, type TypeSchema } from "../schema/type-schema.ts";

/** How writers share a value. */
export type Shape =
  | { readonly kind: "whole" }
  | { readonly kind: "object"; readonly type: string }
  | { readonly kind: "map" | "set"; readonly element: Member }
  | KeyedShape;

/** A list whose items are told apart by keys. */
export interface KeyedShape {
  readonly kind: "keyed";
  readonly type: string;
  readonly keys: readonly ItemKey[];
  /** Nobody owns parts of an item. */
  readonly areWhole: boolean;
}

/** A key of a list's items, and what it is where an item leaves it out. */
export interface ItemKey {
  readonly name: string;
  readonly default: unknown;
}

/** A member of an object, of a map or of a list. */
export interface Member {
  readonly shape: Shape;
  /** What the member is in an object that does not have it; undefined where it may be absent. */
  readonly zero: unknown;
}

const whole: Member = { shape: { kind: "whole" }, zero: undefined };

/** A value of which nothing is known: objects are shared member by member, lists owned whole. */
export const deducedType = "deduced";
const deduced: Member = {
  shape: {
    kind: "map",
    get element(): Member {
      return deduced;
    },
  },
  zero: undefined,
};

/** The members of a type by name; of names that it does not list too. */
export function membersOf(type: string, types: TypeLookup): Members {
  const schema = types(type);
  if (!schema) return nothingKnown;
  let members = known.get(schema);
  if (!members) known.set(schema, (members = new Members(schema, types)));
  return members;
}

/** Found once for each type, which never changes. */
const known = new WeakMap<TypeSchema, Members>();

export class Members {
  readonly #named: ReadonlyMap<string, Member>;
  readonly #rest: Member;

  constructor({ fields, rest }: TypeSchema, types: TypeLookup) {
    this.#named = new Map(fields.map((field) => [field.name, memberOf(field, types)]));
    this.#rest = rest === undefined ? whole : memberOf({ name: "", type: rest }, types);
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  of(name: string): Member {
    return this.#named.get(name) ?? this.#rest;
  }
}

const nothingKnown = new Members({ fields: [] }, () => undefined);

function memberOf(field: FieldSchema, types: TypeLookup): Member {
  if (field.type === deducedType && !field.atomic) return deduced;
  const [shape, zero] = [shapeOf(field, types), zeroOf(field, types)];
  return shape.kind === "whole" && zero === undefined ? whole : { shape, zero };
}

function shapeOf(field: FieldSchema, types: TypeLookup): Shape {
  if (field.atomic) return whole.shape;
  const element = elementType(field.type);
  if (!element) {
    const schema = types(field.type);
    const isShared =
      schema && (!schema.atomic || field.granular) && (schema.fields.length > 0 || schema.rest);
    return isShared ? { kind: "object", type: field.type } : whole.shape;
  }
  if (element.of === "list" && field.list === "map") {
    const { atomic = false } = types(element.element) ?? {};
    const keys = itemKeys(element.element, field.keys ?? [], types);
    return { kind: "keyed", type: element.element, keys, areWhole: atomic };
  }
  if (element.of === "list" && field.list !== "set") return whole.shape;
  const item = memberOf({ name: "", type: element.element }, types);
  return { kind: element.of === "list" ? "set" : "map", element: item };
}

/** By name. What is never absent in an item of a built-in type has a value where the item leaves it out. */
export function itemKeys(type: string, names: readonly string[], types: TypeLookup): ItemKey[] {
  const fields = types(type)?.fields ?? [];
  return names.toSorted().map((name) => {
    const field = fields.find((one) => one.name === name);
    return { name, default: field?.default ?? (field && zeroOf(field, types)) };
  });
}

/** Some members of built-in types are never absent; a custom resource has what it was given. */
function zeroOf({ number, pointer, always, type }: FieldSchema, types: TypeLookup): unknown {
  if (number === undefined) return undefined;
  if (!pointer && types(type)) return nothing;
  if (!always) return undefined;
  return pointer ? null : (zeroes[type] ?? null);
}

const nothing: JsonObject = Object.freeze({});
const zeroes: Readonly<Record<string, unknown>> = { string: "", bool: false, int32: 0, int64: 0 };

/** `k:{"containerPort":80,"protocol":"TCP"}`. */
export function keyElement(keys: readonly ItemKey[], item: JsonObject): string {
  let text = "";
  for (const key of keys) {
    const value = ownMember(item, key.name) ?? key.default;
    if (value !== undefined) text += `${text === "" ? "" : ","}"${key.name}":${JSON.stringify(value)}`;
  }
  return `k:{${text}}`;
}
