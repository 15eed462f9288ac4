import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";

/** Finds values in an object; none where the path leads nowhere. */
export type JsonPath = (object: JsonObject) => unknown[];

type Step = (values: unknown[]) => unknown[];

const member = /\.?([A-Za-z_$][\w$\-/]*)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
const escapedMember = /\.((?:[\w$\-/]|\\.)+)/y;
const index = /\[(-?\d+)\]/y;
const range = /\[(-?\d*):(-?\d*)\]/y;
const filter =
  /\[\?\(\s*@((?:\.[\w$\-/]+|\['[^']*'\])+)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|true|false)\s*)?\)\]/y;

/**
 * Reads a JSON path as printer columns and selectable fields use them: `.spec.replicas`, `.items[0].name`, `.a['b.c']`,
 * `.a\.b`, `[*]`, `..name`, `[?(@.type=="Ready")]`, `[1:3]`; in braces or not.
 * @returns undefined for what is none
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  let path = text.trim();
  if (path.startsWith("{") && path.endsWith("}")) path = path.slice(1, -1);
  if (path.startsWith("$") || path.startsWith("@")) path = path.slice(1);
  const steps: Step[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < path.length) {
    const step = nextStep(path, at, take, () => (at += 2));
    if (!step) return undefined;
    steps.push(step);
  }
  return (object) => steps.reduce<unknown[]>((values, step) => step(values), [object]);
}

function nextStep(
  path: string,
  at: number,
  take: (pattern: RegExp) => RegExpExecArray | null,
  hop: () => void,
): Step | undefined {
  if (path.startsWith("..", at)) {
    hop();
    const name = take(/([\w$\-/]+)/y);
    return name ? (values) => values.flatMap(descendants).flatMap(membersNamed(name[1]!)) : undefined;
  }
  if (take(/\.?\[\*\]|\.\*/y)) return (values) => values.flatMap(membersOf);
  let match = take(index);
  if (match) {
    const position = Number(match[1]);
    return (values) => values.flatMap((value) => itemAt(value, position));
  }
  match = take(range);
  if (match) {
    const [from, to] = [match[1], match[2]].map((one) => (one === "" ? undefined : Number(one)));
    return (values) => values.flatMap((value) => (Array.isArray(value) ? value.slice(from, to) : []));
  }
  match = take(filter);
  if (match) return filterStep(match);
  match = take(escapedMember) ?? take(member);
  if (!match) return undefined;
  const name = (match[1] ?? match[2] ?? match[3]!).replaceAll(/\\(.)/g, "$1");
  return (values) => values.flatMap(membersNamed(name));
}

function membersNamed(name: string): (value: unknown) => unknown[] {
  return (value) => {
    const found = isJsonObject(value) ? ownMember(value, name) : undefined;
    return found === undefined ? [] : [found];
  };
}

function membersOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function itemAt(value: unknown, position: number): unknown[] {
  const item: unknown = Array.isArray(value) ? value.at(position) : undefined;
  return item === undefined ? [] : [item];
}

function descendants(value: unknown): unknown[] {
  return [value, ...membersOf(value).flatMap(descendants)];
}

function filterStep([, path = "", operator, literal]: RegExpExecArray): Step | undefined {
  const inner = parseJsonPath(path);
  if (!inner) return undefined;
  const quoted = literal && /^["']/.test(literal);
  const wanted: unknown = quoted ? literal.slice(1, -1) : literal && JSON.parse(literal);
  const holds = (item: unknown): boolean => {
    const [found] = isJsonObject(item) ? inner(item) : [];
    return operator === undefined ? found !== undefined : compare(found, operator, wanted);
  };
  return (values) => values.flatMap((value) => membersOf(value).filter(holds));
}

function compare(found: unknown, operator: string, wanted: unknown): boolean {
  if (operator === "==") return found === wanted;
  if (operator === "!=") return found !== wanted;
  if (typeof found !== typeof wanted || (typeof found !== "number" && typeof found !== "string"))
    return false;
  const other = wanted as typeof found;
  if (operator === "<") return found < other;
  if (operator === ">") return found > other;
  return operator === "<=" ? found <= other : found >= other;
}

/** `.spec.replicas` as names; undefined for a path that is more than names. */
export function simplePath(text: string): string[] | undefined {
  const path = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  if (!/^(?:\.(?:[\w$\-/]|\\.)+|\['[^']+'\])+$/.test(path)) return undefined;
  const names = path.match(/\.(?:[\w$\-/]|\\.)+|\['[^']+'\]/g) ?? [];
  return names.map((name) =>
    name.startsWith("[") ? name.slice(2, -2) : name.slice(1).replaceAll(/\\(.)/g, "$1"),
  );
}
