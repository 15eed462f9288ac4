import { type CelType, parseType, splitTypes } from "./types.ts";
import { Extent } from "./extent.ts";
import { CelMap, type CelValue, mapKey, Optional, typeNameOf, TypeValue } from "./values.ts";

/** One form of a function. */
export interface Overload {
  readonly name: string;
  /** Called on a value, which then is the first parameter. */
  readonly member: boolean;
  readonly params: readonly CelType[];
  readonly result: CelType;
  readonly call: (...args: CelValue[]) => CelValue;
  /** In units of {@link CelBudget}; 1 where absent. */
  readonly cost?: Cost | undefined;
}

export type Cost = (...args: CelValue[]) => number;

/** A function's body; the checker has seen to its parameters' types. */
type Body = (...args: never[]) => CelValue;

/** `member("string.contains(string): bool", …)` */
export function member(signature: string, body: Body, cost?: Cost): Overload {
  const { name, params, result } = parseSignature(signature);
  const dot = name.lastIndexOf(".");
  const receiver = parseType(name.slice(0, dot));
  return overload(name.slice(dot + 1), true, [receiver, ...params], result, body, cost);
}

/** `global("ip.isCanonical(string): bool", …)` */
export function global(signature: string, body: Body, cost?: Cost): Overload {
  const { name, params, result } = parseSignature(signature);
  return overload(name, false, params, result, body, cost);
}

/** The same body under several signatures. */
export function globals(name: string, signatures: readonly string[], body: Body, cost?: Cost): Overload[] {
  return signatures.map((signature) => global(name + signature, body, cost));
}

function overload(
  name: string,
  isMember: boolean,
  params: CelType[],
  result: CelType,
  body: Body,
  cost: Cost | undefined,
): Overload {
  return { name, member: isMember, params, result, call: body as unknown as Overload["call"], cost };
}

function parseSignature(signature: string): { name: string; params: CelType[]; result: CelType } {
  const [, name, params, result] = /^([^(]+)\((.*)\): (.+)$/.exec(signature) as unknown as string[];
  return { name: name!, params: splitTypes(params!).map(parseType), result: parseType(result!) };
}

/** Whether a value is of a type, as far as a running program looks: not into lists and maps. */
export function accepts(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case "dyn":
    case "param":
      return true;
    case "list":
      return Array.isArray(value);
    case "map":
    case "object":
      return value instanceof CelMap;
    case "optional":
      return value instanceof Optional;
    case "type":
      return value instanceof TypeValue;
    default:
      return typeNameOf(value) === type.name;
  }
}

/** A tenth of a unit for each character or item of an argument. */
export function traversal(argument = 0, factor = 0.1): Cost {
  return (...args) => Math.ceil(sizeOf(args[argument]!) * factor);
}

/** Characters, bytes or items; 1 for all else. */
export function sizeOf(value: CelValue): number {
  if (typeof value === "string" || value instanceof Uint8Array || Array.isArray(value))
    return (value as { length: number }).length;
  return value instanceof CelMap ? value.size : 1;
}

/** The size of everything within, as an equality check may have to look at it. */
export function deepSize(value: CelValue): number {
  if (value instanceof Extent) return value.deep;
  if (typeof value !== "object") return typeof value === "string" ? value.length : 1;
  if (Array.isArray(value)) return value.reduce((sum: number, one: CelValue) => sum + deepSize(one), 1);
  if (!(value instanceof CelMap)) return sizeOf(value);
  let sum = 1;
  for (const key of value.keys()) sum += deepSize(value.get(key) ?? null) + 1;
  return sum;
}

export { mapKey };
