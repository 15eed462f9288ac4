import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { appliedSentence } from "../schema/go-sentence.ts";
import { elementType, type FieldSchema, type TypeLookup } from "../schema/type-schema.ts";
import { shownPath } from "./field-set.ts";
import { deducedType, itemKeys, keyElement } from "./field-shapes.ts";

/**
 * Why nobody can own what somebody applies: values of another type than the schema's, and items that cannot be told apart.
 * @returns one sentence, or undefined when all is well
 */
export function typedMistakes(type: string, object: JsonObject, types: TypeLookup): string | undefined {
  const mistakes = new TypedWalk(types).mistakesOf({ name: "", type }, object, "");
  if (mistakes.length < 2) return mistakes[0];
  return `errors:\n${mistakes.map((mistake) => `  ${mistake}`).join("\n")}`;
}

/** What a value of a basic type is called by {@link appliedSentence}. */
const basic: Readonly<Record<string, readonly [called: string, jsonType: string]>> = {
  string: ["a text", "string"],
  boolean: ["true or false", "boolean"],
  integer: ["a number", "number"],
  number: ["a number", "number"],
};

class TypedWalk {
  readonly #types: TypeLookup;
  constructor(types: TypeLookup) {
    this.#types = types;
  }

  /** Null is of every type. */
  mistakesOf(field: FieldSchema, value: unknown, at: string): string[] {
    if (value === null || value === undefined || field.type === deducedType) return [];
    const wrong = (expected: string): string[] => [`${at}: ${appliedSentence(expected, value)}`];
    const element = elementType(field.type);
    if (element?.of === "list")
      return Array.isArray(value) ? this.#items(field, element.element, value, at) : wrong("a list");
    const inner = element && { name: "", type: element.element };
    const schema = this.#types(field.type);
    if (inner || schema) {
      if (!isJsonObject(value)) return schema?.fields.length === 0 && !inner ? [] : wrong("an object");
      return Object.keys(value).flatMap((name) => {
        const member = inner ?? schema!.fields.find((one) => one.name === name);
        return member ? this.mistakesOf(member, ownMember(value, name), `${at}.${name}`) : [];
      });
    }
    const [called, jsonType] = basic[field.type] ?? [];
    // Large whole numbers are kept as objects.
    const found = jsonType === "number" && isExactInteger(value) ? jsonType : typeof value;
    return called === undefined || found === jsonType ? [] : wrong(called);
  }

  #items({ list, keys }: FieldSchema, type: string, items: readonly unknown[], at: string): string[] {
    const mistakes: string[] = [];
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const element = list === "map" ? this.#keyed(type, keys ?? [], item) : settled(list, item);
      // Of an item that cannot be named nothing more can be told.
      if (element?.why !== undefined) return [...mistakes, `${at}: element ${index}: ${element.why}`];
      const shown = element ? shownPath([element.name]) : `[${index}]`;
      if (element && seen.has(element.name)) mistakes.push(`${at}: duplicate entries for key ${shown}`);
      if (element) seen.add(element.name);
      mistakes.push(...this.mistakesOf({ name: "", type }, item, at + shown));
    }
    return mistakes;
  }

  #keyed(type: string, names: readonly string[], item: unknown): Named {
    if (item === null) return unnamed("associative list with keys may not have a null element");
    if (!isJsonObject(item)) return unnamed("associative list with keys may not have non-map elements");
    const name = keyElement(itemKeys(type, names, this.#types), item);
    if (name !== "k:{}" || Object.keys(item).some((member) => names.includes(member)))
      return { name, why: undefined };
    const shown = names.map((one) => JSON.stringify(one)).join(" ");
    return unnamed(
      `associative list with keys has an element that omits all key fields [${shown}] (and doesn't have default values for any key fields)`,
    );
  }
}

/** How an item is told from the others, or why it cannot be. */
interface Named {
  readonly name: string;
  readonly why: string | undefined;
}

const unnamed = (why: string): Named => ({ name: "", why });

/** An item of a set; undefined where items have no names. */
function settled(list: FieldSchema["list"], item: unknown): Named | undefined {
  if (list !== "set") return undefined;
  if (item === null) return unnamed("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) return unnamed("not supported: associative list with lists as elements");
  if (isJsonObject(item)) return unnamed("associative list without keys has an element that's a map type");
  return { name: `v:${JSON.stringify(item)}`, why: undefined };
}
