import { CelCompileError } from "./cel-error.ts";

export interface Token {
  readonly kind: "name" | "quoted" | "int" | "uint" | "double" | "string" | "bytes" | "sign" | "end";
  /** Names and signs as they stand; numbers as digits; strings with their escapes resolved. */
  readonly text: string;
  readonly at: number;
}

const space = /(?:[\t\n\f\r ]+|\/\/[^\n]*)*/y;
const name = /[A-Za-z_]\w*/y;
const quotedName = /`([A-Za-z0-9_.\-/ ]+)`/y;
const number =
  /(0[xX][0-9a-fA-F]+|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+)([uU])?/y;
const text = /([rRbB]{0,2})("""|'''|"|')/y;
const sign = /==|!=|<=|>=|&&|\|\||[[\]{}().,:?<>!+\-*/%]/y;

/** Takes an expression apart. @throws CelCompileError at what is no part of the language */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const matching = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  for (;;) {
    at += matching(space)![0].length;
    if (at >= source.length) break;
    const opening = matching(text);
    if (opening) {
      const token = readText(source, at, opening);
      tokens.push(token);
      at = token.end;
      continue;
    }
    const found = readOne(matching, source, at, tokens.at(-1));
    tokens.push(found.token);
    at += found.length;
  }
  return [...tokens, { kind: "end", text: "<EOF>", at: source.length }];
}

function readOne(
  matching: (pattern: RegExp) => RegExpExecArray | null,
  source: string,
  at: number,
  before: Token | undefined,
): { token: Token; length: number } {
  const word = matching(name);
  if (word) return { token: { kind: "name", text: word[0], at }, length: word[0].length };
  const quoted = matching(quotedName);
  if (quoted) return { token: { kind: "quoted", text: quoted[1]!, at }, length: quoted[0].length };
  const digits = before?.text === "." && before.kind === "sign" ? null : matching(number);
  if (digits) {
    const isDouble = !/^0[xX]/.test(digits[1]!) && /[.eE]/.test(digits[1]!);
    const kind = digits[2] ? "uint" : isDouble ? "double" : "int";
    return { token: { kind, text: digits[1]!, at }, length: digits[0].length };
  }
  const mark = matching(sign);
  if (mark) return { token: { kind: "sign", text: mark[0], at }, length: mark[0].length };
  throw syntaxError(source, at, `token recognition error at: '${source[at]}'`);
}

export function syntaxError(source: string, at: number, why: string): CelCompileError {
  return new CelCompileError(source, [{ message: `Syntax error: ${why}`, at }]);
}

function readText(source: string, at: number, opening: RegExpExecArray): Token & { end: number } {
  const [whole, prefix, quote] = opening as unknown as [string, string, string];
  const raw = /r/i.test(prefix);
  const bytes = /b/i.test(prefix);
  let end = at + whole.length;
  let value = "";
  for (;;) {
    const char = source[end];
    if (char === undefined || (quote.length === 1 && (char === "\n" || char === "\r")))
      throw syntaxError(source, at, `token recognition error at: '${source.slice(at, end)}'`);
    if (source.startsWith(quote, end)) break;
    if (char === "\\" && !raw) {
      const escape = readEscape(source, end, bytes);
      value += escape.value;
      end += escape.length;
    } else {
      value += bytes ? utf8Units(char) : char;
      end++;
    }
  }
  return { kind: bytes ? "bytes" : "string", text: value, at, end: end + quote.length };
}

function utf8Units(char: string): string {
  return String.fromCharCode(...new TextEncoder().encode(char));
}

const plain: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const coded = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;

function readEscape(source: string, at: number, bytes: boolean): { value: string; length: number } {
  coded.lastIndex = at;
  const match = coded.exec(source);
  if (match) {
    const code = match[4]
      ? Number.parseInt(match[4], 8)
      : Number.parseInt(match[1] ?? match[2] ?? match[3]!, 16);
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    if (code <= 0x10ffff && !isSurrogate && !(bytes && (match[2] ?? match[3])))
      return { value: String.fromCodePoint(code), length: match[0].length };
  }
  const char = source[at + 1] ?? "";
  const value = plain[char] ?? (/[\\?"'`]/.test(char) ? char : undefined);
  if (value === undefined) throw syntaxError(source, at, `token recognition error at: '\\${char}'`);
  return { value, length: 2 };
}
