import { BerthError } from "@berth/base";
import { malformedObject } from "../errors/decode-error.ts";
import { pathText } from "../errors/field-path.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { quantityRule } from "../quantity/quantity.ts";
import { goKind, goPlace } from "./go-types.ts";

/** Where a decoder stands, and the members it met that the schema does not know. */
export class DecodeState {
  readonly #type: string | undefined;

  /** @param type of the whole, where it is one of the schema's. */
  constructor(type?: string) {
    this.#type = type;
  }

  readonly path: (string | number)[] = [];
  readonly unknown: string[] = [];

  pathOf(member?: string): string {
    return pathText(member === undefined ? this.path : [...this.path, member]);
  }

  /** @throws BerthError BERTH_API_MALFORMED naming the field. */
  wrong(expected: string, value: unknown): never {
    const place = this.#type === undefined ? undefined : goPlace(this.#type, this.path);
    if (place) throw new BerthError(malformedObject, unfit(place, value));
    this.refused(expected, value);
  }

  /** As {@link wrong}, of text that is of the right JSON type and cannot be read. */
  refused(expected: string, value: unknown): never {
    if (expected.includes(quantityRule)) throw new BerthError(malformedObject, quantityRule);
    const at = this.pathOf();
    throw new BerthError(
      malformedObject,
      `${at === "" ? "the object" : at}: expected ${expected}, got ${described(value)}`,
    );
  }
}

/** In the words that clients know from a decoder written in Go. */
function unfit({ struct, field, wanted }: NonNullable<ReturnType<typeof goPlace>>, value: unknown): string {
  if (wanted === "quantity") return quantityRule;
  const where = field === "" ? "Go value" : `Go struct field ${struct}.${field}`;
  return `json: cannot unmarshal ${goKind(value, wanted)} into ${where} of type ${wanted}`;
}

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isExactInteger(value)) return `the number ${value.rawJSON}`;
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value);
  return `the ${typeof value} ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}
