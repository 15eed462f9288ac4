import { CelRuntimeError } from "../cel-error.ts";
import { global, member, type Overload, sizeOf } from "../declarations.ts";
import { CelMap, type CelValue, Optional, Uint } from "../values.ts";

/** Values that may be absent. `or` and `orValue` take their argument's value only when it is needed; see the compiler. */
export function optionalLibrary(): Overload[] {
  return [
    global("optional.of(A): optional<A>", (value: CelValue) => new Optional(value)),
    global("optional.none(): optional<dyn>", () => Optional.none),
    global("optional.ofNonZeroValue(A): optional<A>", (value: CelValue) =>
      isZero(value) ? Optional.none : new Optional(value),
    ),
    global("optional.unwrap(list<optional<A>>): list<A>", unwrap, sizeOf),
    member("list<optional<A>>.unwrapOpt(): list<A>", unwrap, sizeOf),
    member("optional<A>.hasValue(): bool", ({ value }: Optional) => value !== undefined),
    member("optional<A>.value(): A", ({ value }: Optional) => {
      if (value === undefined) throw new CelRuntimeError("optional.none() dereference");
      return value;
    }),
    member("optional<A>.or(optional<A>): optional<A>", (one: Optional, other: Optional) =>
      one.value === undefined ? other : one,
    ),
    member("optional<A>.orValue(A): A", ({ value }: Optional, other: CelValue) => value ?? other),
    global("_[_](optional<list<A>>, int): optional<A>", () => Optional.none),
    global("_[_](optional<map<A, B>>, A): optional<B>", () => Optional.none),
  ];
}

function unwrap(list: readonly Optional[]): CelValue[] {
  return list.flatMap(({ value }) => (value === undefined ? [] : [value]));
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === "" || value === 0n || value === 0) return true;
  if (value instanceof Uint) return value.value === 0n;
  if (Array.isArray(value) || value instanceof CelMap || value instanceof Uint8Array)
    return sizeOf(value) === 0;
  return false;
}
