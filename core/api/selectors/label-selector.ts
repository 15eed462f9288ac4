import { BerthError } from "@berth/base";
import type { LabelSelector } from "../generated/types.ts";
import { labelValueRule, qualifiedNameRule } from "../names/name-rules.ts";
import type { LabelSelectorQuery, Requirement } from "./requirement.ts";

/** A selector that cannot be read; answered with 400 BadRequest. */
export const malformedSelector = BerthError.define({
  code: "BERTH_API_MALFORMED_SELECTOR",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Correct the selector: app=web,tier!=db or env in (a,b) for labels, metadata.name=x for fields.",
});

const token = /\s*(?:(==|!=|[=,()<>!])|([^\s=!,()<>]+))/y;

/**
 * Reads a label selector such as `app=web,tier notin (db,cache),!legacy`.
 * @throws BerthError BERTH_API_MALFORMED_SELECTOR.
 */
export function parseLabelSelector(text: string): LabelSelectorQuery {
  return new Parser(text).selector();
}

/** The query a LabelSelector object (`matchLabels`, `matchExpressions`) stands for; `undefined` selects nothing. */
export function labelSelectorQuery(selector: LabelSelector | undefined): LabelSelectorQuery {
  if (!selector) return [{ key: "", operator: "In", values: [] }];
  return [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({
      key,
      operator: "In",
      values: [value],
    })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }): Requirement => ({
      key,
      operator: operator as Requirement["operator"],
      values,
    })),
  ];
}

/** `app=web,tier in (a,b)`: the text of a LabelSelector, as printed in SELECTOR columns; `<none>` when it is empty. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const parts = labelSelectorQuery(selector ?? {}).map(({ key, operator, values }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    if (operator === "In" && values.length === 1) return `${key}=${values[0]!}`;
    return `${key} ${operator.toLowerCase()} (${values.toSorted().join(",")})`;
  });
  return parts.length > 0 ? parts.toSorted().join(",") : "<none>";
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  selector(): LabelSelectorQuery {
    const requirements: Requirement[] = [];
    if (this.#peek() === "") return requirements;
    do requirements.push(this.#requirement());
    while (this.#accept(","));
    if (this.#peek() !== "") this.#fail(`found '${this.#peek()}', expected: ',' or 'end of string'`);
    return requirements;
  }

  #requirement(): Requirement {
    if (this.#accept("!")) return { key: this.#key(), operator: "DoesNotExist", values: [] };
    const key = this.#key();
    const operator = this.#peek();
    if (operator === "" || operator === ",") return { key, operator: "Exists", values: [] };
    this.#next();
    switch (operator) {
      case "=":
      case "==":
        return { key, operator: "In", values: [this.#value()] };
      case "!=":
        return { key, operator: "NotIn", values: [this.#value()] };
      case "in":
        return { key, operator: "In", values: this.#values() };
      case "notin":
        return { key, operator: "NotIn", values: this.#values() };
      case ">":
      case "<":
        return { key, operator: operator === ">" ? "Gt" : "Lt", values: [this.#integer()] };
      default:
        return this.#fail(`found '${operator}', expected: in, notin, =, ==, !=, <, >`);
    }
  }

  #key(): string {
    const key = this.#next();
    const wrong = qualifiedNameRule(key);
    return wrong ? this.#fail(`the key ${JSON.stringify(key)} is invalid: ${wrong}`) : key;
  }

  #value(): string {
    if (this.#peek() === "" || this.#peek() === ",") return "";
    return this.#checked(this.#next());
  }

  #checked(value: string): string {
    const wrong = labelValueRule(value);
    return wrong ? this.#fail(`the value ${JSON.stringify(value)} is invalid: ${wrong}`) : value;
  }

  #integer(): string {
    const value = this.#next();
    return /^-?\d+$/.test(value) ? value : this.#fail(`'<' and '>' compare whole numbers, not '${value}'`);
  }

  #values(): string[] {
    if (!this.#accept("(")) this.#fail(`found '${this.#peek()}', expected: '('`);
    const values: string[] = [];
    do values.push(this.#peek() === "," || this.#peek() === ")" ? "" : this.#checked(this.#next()));
    while (this.#accept(","));
    if (!this.#accept(")")) this.#fail(`found '${this.#peek()}', expected: ',' or ')'`);
    return values;
  }

  #accept(wanted: string): boolean {
    if (this.#peek() !== wanted) return false;
    this.#next();
    return true;
  }

  #peek(): string {
    const at = this.#at;
    const next = this.#next();
    this.#at = at;
    return next;
  }

  #next(): string {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (!match) return "";
    this.#at = token.lastIndex;
    return match[1] ?? match[2]!;
  }

  #fail(why: string): never {
    throw new BerthError(
      malformedSelector,
      `unable to parse the label selector ${JSON.stringify(this.#text)}: ${why}`,
    );
  }
}
