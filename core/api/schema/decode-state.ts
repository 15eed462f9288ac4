import { BerthError } from "@berth/base";
import { malformedObject } from "../errors/decode-error.ts";
import { pathText } from "../errors/field-path.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { appliedSentence, goSentence } from "./go-sentence.ts";

/** Where a decoder stands, and the members it met that the schema does not know. */
export class DecodeState {
  readonly path: (string | number)[] = [];
  readonly unknown: string[] = [];
  readonly #root: string | undefined;
  /** What is empty is said all the same, and what is wrong is told as server-side apply does. */
  readonly isApplied: boolean;

  /** @param root type at which the path begins; absent for what has a schema of its own */
  constructor(root?: string, isApplied = false) {
    this.#root = root;
    this.isApplied = isApplied;
  }

  pathOf(member?: string): string {
    return pathText(member === undefined ? this.path : [...this.path, member]);
  }

  /** @throws BerthError BERTH_API_MALFORMED, which names the field only where nobody knows the sentence by heart. */
  refuse(sentence: string): never {
    const at = this.pathOf();
    const isKnown = this.#root !== undefined || at === "";
    throw new BerthError(malformedObject, isKnown ? sentence : `${at}: ${sentence}`);
  }

  /** @throws BerthError BERTH_API_MALFORMED naming the field. */
  wrong(expected: string, value: unknown): never {
    if (this.isApplied)
      throw new BerthError(malformedObject, appliedSentence(expected, value), {
        fields: { path: this.pathOf() },
      });
    const known = this.#root === undefined ? undefined : goSentence(this.#root, this.path, value);
    if (known !== undefined) throw new BerthError(malformedObject, known);
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
