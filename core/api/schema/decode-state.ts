import { BerthError } from "@berth/base";
import { malformedObject } from "../errors/decode-error.ts";
import { pathText } from "../errors/field-path.ts";
import { isExactInteger } from "../json/raw-number.ts";

/** Where a decoder stands, and the members it met that the schema does not know. */
export class DecodeState {
  readonly path: (string | number)[] = [];
  readonly unknown: string[] = [];

  pathOf(member?: string): string {
    return pathText(member === undefined ? this.path : [...this.path, member]);
  }

  /** @throws BerthError BERTH_API_MALFORMED naming the field. */
  wrong(expected: string, value: unknown): never {
    const at = this.pathOf();
    throw new BerthError(
      malformedObject,
      `${at === "" ? "the object" : at}: expected ${expected}, got ${described(value)}`,
    );
  }
}

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isExactInteger(value)) return `the number ${value.rawJSON}`;
  if (typeof value === "object") return "an object";
  const text = JSON.stringify(value);
  return `the ${typeof value} ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}
