import { type ExactInteger, isExactInteger } from "../json/raw-number.ts";
import { CelRuntimeError } from "./cel-error.ts";

/**
 * A value of an expression: null, bool, string, int (bigint), double (number), Uint, bytes, list (array), map, time,
 * duration, type, optional, or a library's own kind.
 */
export type CelValue =
  | null
  | boolean
  | string
  | bigint
  | number
  | Uint
  | Uint8Array
  | readonly CelValue[]
  | CelMap
  | Timestamp
  | Duration
  | TypeValue
  | Optional
  | Opaque;

/** A map or an object; a member that is not there is undefined. */
export abstract class CelMap {
  /** Of a constructed object; "" for maps. */
  readonly typeName: string = "";
  abstract readonly size: number;
  abstract get(key: MapKey): CelValue | undefined;
  abstract keys(): Iterable<MapKey>;

  /** For comparing: what no expression reaches is there all the same. */
  compared(key: MapKey): CelValue | undefined {
    return this.get(key);
  }

  has(key: MapKey): boolean {
    return this.get(key) !== undefined;
  }
}

export type MapKey = string | bigint | boolean;

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    if (value < 0n || value >= 1n << 64n) throw new CelRuntimeError("unsigned integer overflow");
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    // From year 1 to year 9999.
    if (nanos < -62_135_596_800_000_000_000n || nanos > 253_402_300_799_999_999_999n)
      throw new CelRuntimeError("timestamp overflow");
    this.nanos = nanos;
  }
}

/** Nanoseconds. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    if (nanos < -(1n << 63n) || nanos >= 1n << 63n) throw new CelRuntimeError("duration overflow");
    this.nanos = nanos;
  }
}

export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A kind of value that a library brings along. */
export abstract class Opaque {
  abstract readonly celType: string;
  /** Only asked about values of the same type. */
  abstract equals(other: Opaque): boolean;
}

/** A map that an expression made. */
export class LiteralMap extends CelMap {
  override readonly typeName: string;
  readonly #entries: ReadonlyMap<MapKey, CelValue>;

  constructor(entries: ReadonlyMap<MapKey, CelValue>, typeName = "") {
    super();
    this.#entries = entries;
    this.typeName = typeName;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: MapKey): CelValue | undefined {
    return this.#entries.get(key);
  }

  keys(): Iterable<MapKey> {
    return this.#entries.keys();
  }
}

/** What may be a key; whole doubles are the integer they equal. */
export function mapKey(value: CelValue): MapKey | undefined {
  switch (typeof value) {
    case "string":
    case "bigint":
    case "boolean":
      return value;
    case "number":
      return Number.isInteger(value) ? BigInt(value) : undefined;
    default:
      return value instanceof Uint ? value.value : undefined;
  }
}

export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "string":
      return "string";
    case "bigint":
      return "int";
    case "number":
      return "double";
    default:
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (value instanceof CelMap) return value.typeName || "map";
  if (value instanceof Uint) return "uint";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Timestamp) return "timestamp";
  if (value instanceof Duration) return "duration";
  if (value instanceof TypeValue) return "type";
  if (value instanceof Optional) return "optional";
  return (value as Opaque).celType;
}

const leastInt = -(2n ** 63n);
const mostInt = 2n ** 63n - 1n;

export function toInt(value: bigint): bigint {
  if (value < leastInt || value > mostInt) throw new CelRuntimeError("integer overflow");
  return value;
}

export function exactToInt(value: ExactInteger): bigint | number {
  const number = BigInt(value.rawJSON);
  return number >= leastInt && number <= mostInt ? number : Number(number);
}

export { isExactInteger };
