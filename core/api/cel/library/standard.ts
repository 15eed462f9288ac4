import { CelRuntimeError, noSuchOverload } from "../cel-error.ts";
import { areEqual, compareValues } from "../compare.ts";
import {
  type Cost,
  deepSize,
  global,
  globals,
  member,
  type Overload,
  sizeOf,
  traversal,
} from "../declarations.ts";
import { type CelMap, type CelValue, Duration, mapKey, Timestamp, toInt, Uint } from "../values.ts";

const ordered = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"];
const numbers = ["int", "uint", "double"];

/** Operators and the functions that every CEL environment has. */
export function standardLibrary(): Overload[] {
  return [...comparisons(), ...arithmetic(), ...collections(), ...textBasics()];
}

function comparisons(): Overload[] {
  const pairs = [
    ...ordered.map((type) => `(${type}, ${type}): bool`),
    ...numbers.flatMap((a) => numbers.filter((b) => b !== a).map((b) => `(${a}, ${b}): bool`)),
  ];
  const compare = (is: (order: number) => boolean) => (a: CelValue, b: CelValue) => {
    const order = compareValues(a, b);
    if (order === undefined) throw noSuchOverload();
    return is(order);
  };
  // Both must be walked through as far as the shorter one goes.
  const cost: Cost = (a, b) => Math.max(1, Math.ceil(Math.min(deepSize(a), deepSize(b)) * 0.1));
  return [
    ...globals(
      "_<_",
      pairs,
      compare((order) => order < 0),
      cost,
    ),
    ...globals(
      "_<=_",
      pairs,
      compare((order) => order <= 0),
      cost,
    ),
    ...globals(
      "_>_",
      pairs,
      compare((order) => order > 0),
      cost,
    ),
    ...globals(
      "_>=_",
      pairs,
      compare((order) => order >= 0),
      cost,
    ),
    global("_==_(A, A): bool", areEqual, cost),
    global("_!=_(A, A): bool", (a: CelValue, b: CelValue) => !areEqual(a, b), cost),
    global("!_(bool): bool", (a: boolean) => !a),
  ];
}

function arithmetic(): Overload[] {
  const ints = (name: string, body: (a: bigint, b: bigint) => bigint): Overload[] => [
    global(`${name}(int, int): int`, (a: bigint, b: bigint) => toInt(body(a, b))),
    global(`${name}(uint, uint): uint`, (a: Uint, b: Uint) => new Uint(body(a.value, b.value))),
  ];
  const doubles = (name: string, body: (a: number, b: number) => number): Overload =>
    global(`${name}(double, double): double`, body);
  const divided = (what: string, body: (a: bigint, b: bigint) => bigint) => (a: bigint, b: bigint) => {
    if (b === 0n) throw new CelRuntimeError(`${what} by zero`);
    return body(a, b);
  };
  const joined: Cost = (a, b) => Math.ceil((sizeOf(a) + sizeOf(b)) * 0.1);
  return [
    ...ints("_+_", (a, b) => a + b),
    ...ints("_-_", (a, b) => a - b),
    ...ints("_*_", (a, b) => a * b),
    ...ints(
      "_/_",
      divided("division", (a, b) => a / b),
    ),
    ...ints(
      "_%_",
      divided("modulus", (a, b) => a % b),
    ),
    doubles("_+_", (a, b) => a + b),
    doubles("_-_", (a, b) => a - b),
    doubles("_*_", (a, b) => a * b),
    doubles("_/_", (a, b) => a / b),
    global("-_(int): int", (a: bigint) => toInt(-a)),
    global("-_(double): double", (a: number) => -a),
    global("_+_(string, string): string", (a: string, b: string) => a + b, joined),
    global(
      "_+_(bytes, bytes): bytes",
      (a: Uint8Array, b: Uint8Array) => Uint8Array.from([...a, ...b]),
      joined,
    ),
    global("_+_(list<A>, list<A>): list<A>", (a: CelValue[], b: CelValue[]) => [...a, ...b], joined),
    global(
      "_+_(timestamp, duration): timestamp",
      (a: Timestamp, b: Duration) => new Timestamp(a.nanos + b.nanos),
    ),
    global(
      "_+_(duration, timestamp): timestamp",
      (a: Duration, b: Timestamp) => new Timestamp(a.nanos + b.nanos),
    ),
    global(
      "_+_(duration, duration): duration",
      (a: Duration, b: Duration) => new Duration(a.nanos + b.nanos),
    ),
    global(
      "_-_(timestamp, timestamp): duration",
      (a: Timestamp, b: Timestamp) => new Duration(a.nanos - b.nanos),
    ),
    global(
      "_-_(timestamp, duration): timestamp",
      (a: Timestamp, b: Duration) => new Timestamp(a.nanos - b.nanos),
    ),
    global(
      "_-_(duration, duration): duration",
      (a: Duration, b: Duration) => new Duration(a.nanos - b.nanos),
    ),
  ];
}

function collections(): Overload[] {
  const inList = (value: CelValue, list: CelValue[]) => list.some((one) => areEqual(one, value));
  const inMap = (value: CelValue, map: CelMap) => {
    const key = mapKey(value);
    return key !== undefined && map.has(key);
  };
  const size = (value: CelValue) => BigInt(typeof value === "string" ? codePoints(value) : sizeOf(value));
  const sized = ["string", "bytes", "list<A>", "map<A, B>"];
  return [
    global("@in(A, list<A>): bool", inList, (_, list) => sizeOf(list)),
    global("@in(A, map<A, B>): bool", inMap),
    global("_[_](list<A>, int): A", itemAt),
    global("_[_](map<A, B>, A): B", memberOf),
    ...globals(
      "size",
      sized.map((type) => `(${type}): int`),
      size,
    ),
    ...sized.map((type) => member(`${type}.size(): int`, size)),
  ];
}

/** Works for an index of any number type, as values without a declared type may bring. */
export function itemAt(list: readonly CelValue[], index: CelValue): CelValue {
  const at = mapKey(index);
  if (typeof at !== "bigint") throw noSuchOverload();
  const item = at >= 0n ? list[Number(at)] : undefined;
  if (item === undefined) throw new CelRuntimeError(`index out of bounds: ${at}`);
  return item;
}

export function memberOf(map: CelMap, key: CelValue): CelValue {
  const name = mapKey(key);
  const value = name === undefined ? undefined : map.get(name);
  if (value === undefined) throw new CelRuntimeError(`no such key: ${String(name)}`);
  return value;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function textBasics(): Overload[] {
  return [
    member(
      "string.contains(string): bool",
      (a: string, b: string) => a.includes(b),
      (a, b) => Math.ceil(sizeOf(a) * 0.1) * Math.ceil(sizeOf(b) * 0.1),
    ),
    member("string.startsWith(string): bool", (a: string, b: string) => a.startsWith(b), traversal(1)),
    member("string.endsWith(string): bool", (a: string, b: string) => a.endsWith(b), traversal(1)),
  ];
}
