import type { Call, ListNode, MapNode, MessageNode, Node } from "./ast.ts";
import { syntaxError, type Token, tokenize } from "./lexer.ts";
import { expandMacro } from "./macros.ts";
import { Uint } from "./values.ts";

const reserved: ReadonlySet<string> = new Set(
  "as break const continue else false for function if import in let loop package namespace null return true var void while".split(
    " ",
  ),
);
/** How deep expressions may nest. */
const maxDepth = 250;
/** Operands that one operator may join without parentheses. */
const maxTerms = 1000;
/** How much of the source one expression may take. */
const maxLength = 100_000;

const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["<", "<=", ">", ">=", "==", "!=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Parses an expression of the Common Expression Language as Kubernetes reads it. @throws CelCompileError */
export function parse(source: string): Node {
  if (source.length > maxLength)
    throw syntaxError(
      source,
      0,
      `expression code point size exceeds limit: size: ${source.length}, limit ${maxLength}`,
    );
  return new Parser(source).whole();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  whole(): Node {
    const node = this.#expression();
    if (this.#token.kind !== "end") throw this.#unexpected();
    return node;
  }

  #expression(): Node {
    if (++this.#depth > maxDepth)
      throw syntaxError(this.#source, this.#token.at, `expression recursion limit exceeded: ${maxDepth}`);
    const condition = this.#binary(0);
    const question = this.#take("?");
    this.#depth--;
    if (!question) return condition;
    const yes = this.#binary(0);
    this.#expect(":");
    return call("_?_:_", question.at, [condition, yes, this.#expression()]);
  }

  #binary(level: number): Node {
    if (level === levels.length) return this.#unary();
    let left = this.#binary(level + 1);
    for (let terms = 1; ; terms++) {
      if (terms > maxTerms) throw syntaxError(this.#source, left.at, `more than ${maxTerms} terms in a row`);
      const token = this.#token;
      if (token.kind === "string" || !levels[level]!.includes(token.text)) return left;
      this.#next++;
      const name = token.text === "in" ? "@in" : `_${token.text}_`;
      left = call(name, token.at, [left, this.#binary(level + 1)]);
    }
  }

  #unary(): Node {
    const token = this.#token;
    if (token.kind !== "sign" || (token.text !== "!" && token.text !== "-")) return this.#member();
    if (++this.#depth > maxDepth)
      throw syntaxError(this.#source, token.at, `expression recursion limit exceeded: ${maxDepth}`);
    this.#next++;
    const following = this.#token;
    if (token.text === "-" && (following.kind === "int" || following.kind === "double")) {
      this.#depth--;
      return this.#member(true);
    }
    const operand = this.#unary();
    this.#depth--;
    return call(token.text === "!" ? "!_" : "-_", token.at, [operand]);
  }

  #member(negative = false): Node {
    let node = this.#primary(negative);
    for (let steps = 0; ; steps++) {
      if (steps > maxDepth)
        throw syntaxError(this.#source, node.at, `expression recursion limit exceeded: ${maxDepth}`);
      const dot = this.#take(".");
      const bracket = dot ? undefined : this.#take("[");
      if (dot) node = this.#selected(node, dot);
      else if (bracket) {
        const optional = this.#take("?") !== undefined;
        const index = this.#expression();
        this.#expect("]");
        node = call(optional ? "_[?_]" : "_[_]", bracket.at, [node, index]);
      } else if (this.#token.text === "{" && this.#token.kind === "sign") {
        const name = qualifiedName(node);
        if (name === undefined) return node;
        node = this.#message(name);
      } else return node;
    }
  }

  #selected(operand: Node, dot: Token): Node {
    const optional = this.#take("?") !== undefined;
    const token = this.#token;
    if (token.kind === "end") throw syntaxError(this.#source, token.at, "no viable alternative at input '.'");
    if (token.kind !== "name" && token.kind !== "quoted") throw this.#unexpected();
    this.#next++;
    const open = optional || token.kind === "quoted" ? undefined : this.#take("(");
    if (!open) return { kind: "select", operand, field: token.text, optional, test: false, at: dot.at };
    return this.#expanded({
      kind: "call",
      name: token.text,
      target: operand,
      args: this.#arguments(),
      at: open.at,
    });
  }

  #expanded(node: Call): Node {
    const expanded = expandMacro(node);
    if (typeof expanded === "string") throw syntaxError(this.#source, node.at, expanded);
    return expanded ?? node;
  }

  #arguments(): Node[] {
    return this.#separated(")", () => this.#expression());
  }

  /** Items with commas between them and perhaps one at the end, up to and with the closing sign. */
  #separated<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.#take(close)) {
      if (items.length > 0) {
        this.#expect(",");
        if (close !== ")" && this.#take(close)) break;
      }
      items.push(item());
    }
    return items;
  }

  #primary(negative: boolean): Node {
    const token = this.#token;
    this.#next++;
    const { at, text } = token;
    const sign = negative ? "-" : "";
    switch (token.kind) {
      case "int":
        return this.#integer(token, negative);
      case "uint":
        if (BigInt(text) >= 1n << 64n) throw syntaxError(this.#source, at, "invalid uint literal");
        return { kind: "literal", value: new Uint(BigInt(text)), at };
      case "double":
        return { kind: "literal", value: Number(sign + text), at };
      case "string":
        return { kind: "literal", value: text, at };
      case "bytes":
        return { kind: "literal", value: Uint8Array.from(text, (char) => char.charCodeAt(0)), at };
      case "name":
        return this.#named(token);
      case "sign":
        return this.#bracketed(token);
      default:
        this.#next--;
        throw this.#token.kind === "end" ? this.#ended() : this.#unexpected();
    }
  }

  #integer({ text, at }: Token, negative: boolean): Node {
    const value = negative ? -BigInt(text) : BigInt(text);
    if (value < -(1n << 63n) || value >= 1n << 63n)
      throw syntaxError(this.#source, at, "invalid int literal");
    return { kind: "literal", value, at };
  }

  #named({ text, at }: Token, rooted = ""): Node {
    if (text === "true" || text === "false") return { kind: "literal", value: text === "true", at };
    if (text === "null") return { kind: "literal", value: null, at };
    if (reserved.has(text)) throw syntaxError(this.#source, at, `reserved identifier: ${text}`);
    const open = this.#take("(");
    if (open) return this.#expanded({ kind: "call", name: text, args: this.#arguments(), at: open.at });
    return { kind: "ident", name: rooted + text, at };
  }

  #bracketed({ text, at }: Token): Node {
    if (text === "(") {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    if (text === "[") return this.#list(at);
    if (text === "{") return this.#map(at);
    if (text === "." && this.#token.kind === "name") {
      const token = this.#token;
      this.#next++;
      return this.#named(token);
    }
    this.#next--;
    throw this.#token.kind === "end" ? this.#ended() : this.#unexpected();
  }

  #list(at: number): ListNode {
    const elements = this.#separated("]", () => {
      const optional = this.#take("?") !== undefined;
      return { optional, value: this.#expression() };
    });
    return { kind: "list", elements, at };
  }

  #map(at: number): MapNode {
    const entries = this.#separated("}", () => {
      const optional = this.#take("?") !== undefined;
      const key = this.#expression();
      this.#expect(":");
      return { optional, key, value: this.#expression() };
    });
    return { kind: "map", entries, at };
  }

  #message(name: string): MessageNode {
    const { at } = this.#expect("{");
    const fields = this.#separated("}", () => {
      const optional = this.#take("?") !== undefined;
      const token = this.#token;
      if (token.kind !== "name" && token.kind !== "quoted") throw this.#unexpected();
      this.#next++;
      this.#expect(":");
      return { name: token.text, optional, value: this.#expression(), at: token.at };
    });
    return { kind: "message", name, fields, at };
  }

  get #token(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(sign: string): Token | undefined {
    const token = this.#token;
    if (token.kind !== "sign" || token.text !== sign) return undefined;
    this.#next++;
    return token;
  }

  #expect(sign: string): Token {
    const token = this.#take(sign);
    if (!token) throw this.#unexpected(sign);
    return token;
  }

  /** The source ends where a value should begin. */
  #ended(): Error {
    const { text, at } = this.#token;
    return syntaxError(this.#source, at, `mismatched input '${text}' expecting {${valueStarts.join(", ")}}`);
  }

  #unexpected(expected?: string): Error {
    const { text, at } = this.#token;
    const wanted = expected === undefined ? "" : ` expecting '${expected}'`;
    return syntaxError(this.#source, at, `mismatched input '${text}'${wanted}`);
  }
}

/** What a value may begin with, as ANTLR lists it. */
const valueStarts = [
  ...["[", "{", "(", ".", "-", "!", "true", "false", "null"].map((sign) => `'${sign}'`),
  ...["NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"],
];

function call(name: string, at: number, args: Node[]): Call {
  return { kind: "call", name, args, at };
}

/** `a.b.c` when the node is nothing but names. */
export function qualifiedName(node: Node): string | undefined {
  if (node.kind === "ident") return node.name;
  if (node.kind !== "select" || node.optional || node.test) return undefined;
  const operand = qualifiedName(node.operand);
  return operand === undefined ? undefined : `${operand}.${node.field}`;
}
