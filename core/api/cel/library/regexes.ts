import { RE2JS } from "re2js";
import { CelRuntimeError } from "../cel-error.ts";
import { type Cost, global, member, type Overload, sizeOf } from "../declarations.ts";

const keptPatterns = 256;

/**
 * `matches`, `find` and `findAll` in RE2's syntax and its linear time: the language's own expressions would let one text
 * hold up everything.
 */
export function regexLibrary(): Overload[] {
  const cache = new Map<string, RE2JS>();
  const compiled = (pattern: string): RE2JS => {
    const known = cache.get(pattern);
    if (known) return known;
    const made = compile(pattern);
    if (cache.size >= keptPatterns) cache.delete(cache.keys().next().value!);
    cache.set(pattern, made);
    return made;
  };
  const cost: Cost = (text, pattern) =>
    Math.ceil((sizeOf(text) + 1) * 0.1) * Math.ceil(sizeOf(pattern) * 0.25);
  const matches = (text: string, pattern: string) => compiled(pattern).matcher(text).find();
  const findAll = (text: string, pattern: string, most = -1n) => {
    const matcher = compiled(pattern).matcher(text);
    const found: string[] = [];
    const enough = most < 0n ? Infinity : Number(most);
    while (found.length < enough && matcher.find()) found.push(matcher.group() ?? "");
    return found;
  };
  return [
    member("string.matches(string): bool", matches, cost),
    global("matches(string, string): bool", matches, cost),
    member(
      "string.find(string): string",
      (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? "",
      cost,
    ),
    member("string.findAll(string): list<string>", findAll, cost),
    member("string.findAll(string, int): list<string>", findAll, cost),
  ];
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CelRuntimeError(`Illegal regex: ${why}`);
  }
}
