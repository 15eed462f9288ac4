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

/**
 * `app=web,tier in (a,b)`: the text of a LabelSelector in the order of its keys, as printed in SELECTOR columns; `<none>`
 * when it is empty.
 */
export function formatLabelSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return { key, text: key };
    if (operator === "DoesNotExist") return { key, text: `!${key}` };
    return { key, text: `${key} ${operator.toLowerCase()} (${values.toSorted().join(",")})` };
  });
  const parts = [...labels, ...expressions].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return parts.length > 0 ? parts.map(({ text }) => text).join(",") : "<none>";
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
    if (!this.#beginsRequirement()) this.#found("!, identifier, or 'end of string'");
    for (;;) {
      requirements.push(this.#requirement());
      if (this.#peek() === "") return requirements;
      if (!this.#accept(",")) this.#found("',' or 'end of string'");
      if (!this.#beginsRequirement()) this.#found("identifier after ','");
    }
  }

  #beginsRequirement(): boolean {
    return this.#peek() === "!" || isWord(this.#peek());
  }

  #requirement(): Requirement {
    if (this.#accept("!")) return { key: this.#key(), operator: "DoesNotExist", values: [] };
    const key = this.#key();
    const operator = this.#peek();
    if (operator === "" || operator === ",") return { key, operator: "Exists", values: [] };
    if (!operators.has(operator)) this.#found("in, notin, =, ==, !=, gt, lt", within);
    this.#next();
    switch (operator) {
      case "in":
        return { key, operator: "In", values: this.#values(key) };
      case "notin":
        return { key, operator: "NotIn", values: this.#values(key) };
      case ">":
      case "<":
        return { key, operator: operator === ">" ? "Gt" : "Lt", values: [this.#integer(key)] };
      default:
        return { key, operator: operator === "!=" ? "NotIn" : "In", values: [this.#value(key)] };
    }
  }

  #key(): string {
    const key = this.#identifier();
    const wrong = qualifiedNameRule(key);
    return wrong.length > 0 ? this.#invalid("<nil>", key, wrong.join("; ")) : key;
  }

  #value(key: string): string {
    if (this.#peek() === "" || this.#peek() === ",") return "";
    return this.#checked(key, this.#identifier());
  }

  #identifier(): string {
    return isWord(this.#peek()) ? this.#next() : this.#found("identifier", within);
  }

  #checked(key: string, value: string, index = 0): string {
    const wrong = labelValueRule(value);
    return wrong.length > 0 ? this.#invalid(`values[${index}][${key}]`, value, wrong.join("; ")) : value;
  }

  #integer(key: string): string {
    const value = this.#value(key);
    if (/^\d+$/.test(value)) return value;
    return this.#invalid("values[0]", value, "for 'Gt', 'Lt' operators, the value must be an integer");
  }

  #values(key: string): string[] {
    if (!this.#accept("(")) this.#fail(`${within}found '${this.#peek()}' expected: '('`);
    const values: string[] = [];
    do values.push(this.#peek() === "," || this.#peek() === ")" ? "" : this.#identifier());
    while (this.#accept(","));
    if (!this.#accept(")")) this.#found("',' or ')'", within);
    // They are told in the order in which they are compared.
    for (const [index, value] of values.toSorted().entries()) this.#checked(key, value, index);
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

  #invalid(field: string, value: string, why: string): never {
    return this.#fail(`${within}${field}: Invalid value: ${JSON.stringify(value)}: ${why}`);
  }

  #found(expected: string, where = ""): never {
    return this.#fail(`${where}found '${this.#peek()}', expected: ${expected}`);
  }

  /** The words are those that users of kubectl know. */
  #fail(why: string): never {
    throw new BerthError(malformedSelector, why);
  }
}

const within = "unable to parse requirement: ";
const operators = new Set(["in", "notin", "=", "==", "!=", ">", "<"]);
const isWord = (found: string): boolean => /^[^\s=!,()<>]/.test(found);
