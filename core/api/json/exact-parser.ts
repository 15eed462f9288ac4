import { pathText } from "../errors/field-path.ts";
import { type JsonObject, setMember } from "./json-value.ts";
import { exactInteger } from "./raw-number.ts";

const token =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(true|false|null))/y;

/**
 * Parses JSON that JSON.parse has accepted already, keeping what it hides: integers beyond 2^53 stay exact, and members
 * that occur twice are named by path (the last value wins, as with JSON.parse).
 */
export function parseExact(text: string): { value: unknown; duplicates: string[] } {
  const parser = new ExactParser(text);
  return { value: parser.value(), duplicates: [...parser.duplicates] };
}

class ExactParser {
  readonly duplicates = new Set<string>();
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(first = this.#next()): unknown {
    if (first === "{") return this.#object();
    if (first === "[") return this.#list();
    if (/^-?\d+$/.test(first)) return exactInteger(first);
    return JSON.parse(first);
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    for (let key = this.#next(); key !== "}"; key = this.#next()) {
      if (key === ",") continue;
      const name = JSON.parse(key) as string;
      this.#next();
      this.#path.push(name);
      if (Object.hasOwn(object, name)) this.duplicates.add(pathText(this.#path));
      setMember(object, name, this.value());
      this.#path.pop();
    }
    return object;
  }

  #list(): unknown[] {
    const list: unknown[] = [];
    for (let item = this.#next(); item !== "]"; item = this.#next()) {
      if (item === ",") continue;
      this.#path.push(list.length);
      list.push(this.value(item));
      this.#path.pop();
    }
    return list;
  }

  #next(): string {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text)!;
    this.#at = token.lastIndex;
    return match[1] ?? match[2] ?? match[3] ?? match[4]!;
  }
}
