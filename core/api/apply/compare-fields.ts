import { deepEqual, isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";
import { type TypeLookup, typeSchema } from "../schema/type-schema.ts";
import { type FieldSet, isNothing, noFields } from "./field-set.ts";
import {
  type ItemKey,
  keyElement,
  type KeyedShape,
  type Member,
  type Members,
  membersOf,
} from "./field-shapes.ts";

export interface ComparedFields {
  /** Added, or of another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** What differs between two states of an object, but for what the server alone decides about. */
export function compareFields(
  type: string,
  before: JsonObject,
  after: JsonObject,
  types: TypeLookup = typeSchema,
): ComparedFields {
  return {
    changed: changedFields(type, before, after, types),
    removed: new Comparison(types, false).object(type, after, before),
  };
}

/** Added, or of another value. */
export function changedFields(
  type: string,
  before: JsonObject,
  after: JsonObject,
  types: TypeLookup = typeSchema,
): FieldSet {
  return new Comparison(types, true).object(type, before, after);
}

/** What a writer who says this of an object lays claim to. */
export function claimedFields(type: string, said: JsonObject, types: TypeLookup = typeSchema): FieldSet {
  return new Comparison(types, true, true).object(type, undefined, said);
}

/** Members that the server alone decides about; nobody owns them. */
const serverHead: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);
const serverMeta: ReadonlySet<string> = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
]);

const itself = ".";

/** One way from one state of an object to another. */
class Comparison {
  readonly #types: TypeLookup;
  readonly #withOtherValues: boolean;
  readonly #isClaim: boolean;

  /**
   * @param withOtherValues a field counts also when both have it and disagree
   * @param isClaim objects and lists stand only for what is in them, map entries and items for themselves too
   */
  constructor(types: TypeLookup, withOtherValues: boolean, isClaim = false) {
    this.#types = types;
    this.#withOtherValues = withOtherValues;
    this.#isClaim = isClaim;
  }

  object(type: string, from: JsonObject | undefined, to: JsonObject): FieldSet {
    const found: FieldSet = {};
    this.#members(found, from, to, membersOf(type, this.#types), serverHead);
    const meta: FieldSet = {};
    const [past, now] = [from && metaOf(from), metaOf(to)];
    this.#members(meta, past, now, membersOf("meta.v1.ObjectMeta", this.#types), serverMeta);
    return isNothing(meta) ? found : { "f:metadata": meta, ...found };
  }

  #members(
    into: FieldSet,
    from: JsonObject | undefined,
    to: JsonObject,
    members: Members,
    but?: ReadonlySet<string>,
  ): void {
    for (const name of Object.keys(to)) {
      if (but?.has(name)) continue;
      const member = members.of(name);
      let present = from && ownMember(from, name);
      if (present === undefined && from) present = member.zero;
      const node = this.#value(member, present, ownMember(to, name));
      if (node) setMember(into, `f:${name}`, node);
    }
  }

  /** undefined when nothing differs. */
  #value({ shape }: Member, from: unknown, to: unknown): FieldSet | undefined {
    if (to === undefined) return undefined;
    if (shape.kind === "whole") return this.#leaf(from, to);
    if (!isFilled(to)) return isFilled(from) && isVoid(to) ? undefined : this.#leaf(from, to);
    const found: FieldSet = {};
    if (from === undefined && !this.#isClaim) found[itself] = noFields;
    if (isJsonObject(to)) {
      const past = from === undefined ? undefined : isJsonObject(from) ? from : noFields;
      if (shape.kind === "object") this.#members(found, past, to, membersOf(shape.type, this.#types));
      else if (shape.kind === "map") this.#entries(found, past, to, shape.element);
      else return this.#leaf(from, to);
    } else {
      const past = Array.isArray(from) ? (from as unknown[]) : [];
      if (shape.kind === "set") this.#setItems(found, past, to);
      else if (shape.kind === "keyed") this.#items(found, past, to, shape);
      else return this.#leaf(from, to);
    }
    return isNothing(found) ? undefined : found;
  }

  #leaf(from: unknown, to: unknown): FieldSet | undefined {
    if (from === undefined) return noFields;
    const isSame = !this.#withOtherValues || (isVoid(from) && isVoid(to)) || deepEqual(from, to);
    return isSame ? undefined : noFields;
  }

  #entries(into: FieldSet, from: JsonObject | undefined, to: JsonObject, element: Member): void {
    for (const name of Object.keys(to)) {
      const node = this.#value(element, from && ownMember(from, name), ownMember(to, name));
      if (node) setMember(into, `f:${name}`, this.#isClaim ? withItself(node) : node);
    }
  }

  #items(
    into: FieldSet,
    from: readonly unknown[],
    to: readonly unknown[],
    { type, keys, areWhole }: KeyedShape,
  ): void {
    const members = membersOf(type, this.#types);
    const past = byElement(from, keys);
    for (const [element, items] of byElement(to, keys)) {
      const earlier = past.get(element) ?? [];
      if (items.length > 1) {
        // Nobody owns parts of what cannot be told apart.
        const isSame = earlier.length > 1 && (!this.#withOtherValues || deepEqual(earlier, items));
        if (!isSame) into[element] = noFields;
        continue;
      }
      const found: FieldSet = {};
      const item = items[0]!;
      const before = earlier.length === 1 ? earlier[0] : undefined;
      if (areWhole) {
        const node = this.#leaf(before, item);
        if (node) into[element] = node;
        continue;
      }
      if (!before) found[itself] = noFields;
      this.#members(found, before, item, members);
      if (!isNothing(found)) into[element] = found;
    }
  }

  #setItems(into: FieldSet, from: readonly unknown[], to: readonly unknown[]): void {
    const past = new Set(from.map((item) => JSON.stringify(item)));
    for (const item of to) {
      const text = JSON.stringify(item);
      if (!past.has(text)) into[`v:${text}`] = noFields;
    }
  }
}

/** More than one stand where they have the same keys. */
function byElement(items: readonly unknown[], keys: readonly ItemKey[]): Map<string, JsonObject[]> {
  const found = new Map<string, JsonObject[]>();
  for (const item of items) {
    if (!isJsonObject(item)) continue;
    const element = keyElement(keys, item);
    const others = found.get(element);
    if (others) others.push(item);
    else found.set(element, [item]);
  }
  return found;
}

function withItself(node: FieldSet): FieldSet {
  return isNothing(node) || Object.hasOwn(node, itself) ? node : { [itself]: noFields, ...node };
}

function metaOf(object: JsonObject): JsonObject {
  const { metadata } = object;
  return isJsonObject(metadata) ? metadata : noFields;
}

/** Something with something in it. */
function isFilled(value: unknown): value is JsonObject | unknown[] {
  return Array.isArray(value) ? value.length > 0 : isJsonObject(value) && !isNothing(value);
}

/** Nothing, or nothing in it. */
function isVoid(value: unknown): boolean {
  return value === null || (typeof value === "object" && !isFilled(value));
}
