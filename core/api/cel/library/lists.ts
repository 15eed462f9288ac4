import { CelRuntimeError } from "../cel-error.ts";
import { areEqual, compareValues } from "../compare.ts";
import { type Cost, deepSize, global, globals, member, type Overload, sizeOf } from "../declarations.ts";
import { type CelValue, Duration, Optional, toInt, Uint } from "../values.ts";

const ordered = ["int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration"];
type List = readonly CelValue[];

/** Kubernetes' list functions, cel-go's list and set extensions, and the two ends of a list as optionals. */
export function listLibrary(): Overload[] {
  return [...ordering(), ...searching(), ...shaping(), ...sets()];
}

const walk: Cost = (list) => Math.max(1, sizeOf(list));

function ordering(): Overload[] {
  const isSorted = (list: List) =>
    list.every((one, at) => at === 0 || (compareValues(list[at - 1]!, one) ?? 1) <= 0);
  const extreme = (name: string, sign: number) => (list: List) => {
    if (list.length === 0) throw new CelRuntimeError(`${name} called on empty list`);
    return list.reduce((best, one) => ((compareValues(one, best) ?? 0) * sign > 0 ? one : best));
  };
  const each = (form: (type: string) => string, body: (list: List) => CelValue): Overload[] =>
    ordered.map((type) => member(form(type), body, walk));
  return [
    ...each((type) => `list<${type}>.isSorted(): bool`, isSorted),
    ...each((type) => `list<${type}>.min(): ${type}`, extreme("min", -1)),
    ...each((type) => `list<${type}>.max(): ${type}`, extreme("max", 1)),
    member("list<int>.sum(): int", (list: bigint[]) => list.reduce((sum, one) => toInt(sum + one), 0n), walk),
    member(
      "list<uint>.sum(): uint",
      (list: Uint[]) => list.reduce((sum, one) => new Uint(sum.value + one.value), new Uint(0n)),
      walk,
    ),
    member("list<double>.sum(): double", (list: number[]) => list.reduce((sum, one) => sum + one, 0), walk),
    member(
      "list<duration>.sum(): duration",
      (list: Duration[]) => list.reduce((sum, one) => new Duration(sum.nanos + one.nanos), new Duration(0n)),
      walk,
    ),
    ...each(
      (type) => `list<${type}>.sort(): list<${type}>`,
      (list) => sorted(list, list),
    ),
  ];
}

/** The items in the order of their keys. */
export function sorted(list: List, keys: List): CelValue[] {
  const order = list.map((_, at) => at);
  order.sort((a, b) => {
    const way = compareValues(keys[a]!, keys[b]!);
    if (way === undefined) throw new CelRuntimeError("list elements must have the same type");
    return way;
  });
  return order.map((at) => list[at]!);
}

function searching(): Overload[] {
  return [
    member(
      "list<A>.indexOf(A): int",
      (list: List, value: CelValue) => BigInt(list.findIndex((one) => areEqual(one, value))),
      walk,
    ),
    member(
      "list<A>.lastIndexOf(A): int",
      (list: List, value: CelValue) => BigInt(list.findLastIndex((one) => areEqual(one, value))),
      walk,
    ),
    member("list<A>.first(): optional<A>", (list: List) => new Optional(list[0])),
    member("list<A>.last(): optional<A>", (list: List) => new Optional(list.at(-1))),
  ];
}

const longestRange = 1_000_000n;

function shaping(): Overload[] {
  const quadratic: Cost = (list) => Math.max(1, sizeOf(list) * deepSize(list) * 0.1);
  const flatten = (list: List, depth = 1n): CelValue[] => {
    if (depth < 0n) throw new CelRuntimeError("level must be non-negative");
    return list.flatMap((one) =>
      Array.isArray(one) && depth > 0n ? flatten(one as List, depth - 1n) : [one],
    );
  };
  return [
    member(
      "list<A>.slice(int, int): list<A>",
      (list: List, start: bigint, end: bigint) => {
        if (start < 0n || end < 0n)
          throw new CelRuntimeError(`cannot slice(${start}, ${end}), negative indexes not supported`);
        if (start > end)
          throw new CelRuntimeError(
            `cannot slice(${start}, ${end}), start index must be less than or equal to end index`,
          );
        if (end > BigInt(list.length))
          throw new CelRuntimeError(`cannot slice(${start}, ${end}), list is length ${list.length}`);
        return list.slice(Number(start), Number(end));
      },
      walk,
    ),
    member("list<dyn>.flatten(): list<dyn>", flatten, (list) => deepSize(list)),
    member("list<dyn>.flatten(int): list<dyn>", flatten, (list) => deepSize(list)),
    member("list<A>.distinct(): list<A>", unique, quadratic),
    member("list<A>.reverse(): list<A>", (list: List) => list.toReversed(), walk),
    global(
      "lists.range(int): list<int>",
      (size: bigint) => {
        if (size > longestRange)
          throw new CelRuntimeError(`size ${size} exceeds maximum allowed size ${longestRange}`);
        return Array.from({ length: Math.max(0, Number(size)) }, (_, at) => BigInt(at));
      },
      (size) => Math.max(1, Number(size)),
    ),
  ];
}

function unique(list: List): CelValue[] {
  const kept: CelValue[] = [];
  for (const one of list) if (!kept.some((other) => areEqual(one, other))) kept.push(one);
  return kept;
}

function sets(): Overload[] {
  const product: Cost = (a, b) => Math.max(1, sizeOf(a) * sizeOf(b));
  const has = (list: List, value: CelValue) => list.some((one) => areEqual(one, value));
  const contains = (list: List, part: List) => part.every((one) => has(list, one));
  return [
    ...globals("sets.contains", ["(list<A>, list<A>): bool"], contains, product),
    global(
      "sets.equivalent(list<A>, list<A>): bool",
      (a: List, b: List) => contains(a, b) && contains(b, a),
      product,
    ),
    global(
      "sets.intersects(list<A>, list<A>): bool",
      (a: List, b: List) => a.some((one) => has(b, one)),
      product,
    ),
  ];
}
