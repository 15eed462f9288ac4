import { CelRuntimeError } from "../cel-error.ts";
import { global, globals, type Overload, traversal } from "../declarations.ts";
import { durationText, parseDurationText, parseTimestamp, timestampText } from "../time-values.ts";
import { type CelValue, Duration, Timestamp, toInt, typeNameOf, TypeValue, Uint } from "../values.ts";

const second = 1_000_000_000n;

/** `int("1")`, `string(1)`, `timestamp("…")`, `type(x)`, `dyn(x)`. */
export function conversionLibrary(): Overload[] {
  const same = (value: CelValue) => value;
  const own = ["bool", "int", "uint", "double", "string", "bytes", "timestamp", "duration"];
  return [
    ...own.map((type) => global(`${type}(${type}): ${type}`, same)),
    global("dyn(A): dyn", same),
    global("type(A): type", (value: CelValue) => new TypeValue(celTypeName(value))),
    global("bool(string): bool", toBool),
    ...numeric(),
    ...toText(),
    global("bytes(string): bytes", (text: string) => new TextEncoder().encode(text), traversal()),
    global("timestamp(string): timestamp", (text: string) => parsed(parseTimestamp(text), "timestamp")),
    global("timestamp(int): timestamp", (seconds: bigint) => new Timestamp(seconds * second)),
    global("duration(string): duration", (text: string) => parsed(parseDurationText(text), "duration")),
    global("duration(int): duration", (nanos: bigint) => new Duration(nanos)),
  ];
}

function numeric(): Overload[] {
  const wholeText = (text: string): bigint => {
    if (!/^[+-]?\d{1,20}$/.test(text)) throw failed("int");
    return toInt(BigInt(text.replace("+", "")));
  };
  return [
    global("int(uint): int", ({ value }: Uint) => toInt(value)),
    global("int(double): int", (value: number) => toInt(whole(value, "integer overflow"))),
    global("int(string): int", wholeText),
    global("int(timestamp): int", ({ nanos }: Timestamp) => nanos / second),
    global("int(duration): int", ({ nanos }: Duration) => nanos),
    global("uint(int): uint", (value: bigint) => new Uint(value)),
    global("uint(double): uint", (value: number) => new Uint(whole(value, "unsigned integer overflow"))),
    global("uint(string): uint", (text: string) => {
      if (!/^\d{1,20}$/.test(text)) throw failed("uint");
      return new Uint(BigInt(text));
    }),
    global("double(int): double", Number),
    global("double(uint): double", ({ value }: Uint) => Number(value)),
    global("double(string): double", (text: string) => {
      if (!/^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Infinity|Inf|inf|NaN)$/.test(text))
        throw failed("double");
      return Number(text.replace(/[iI]nf$/, "Infinity"));
    }),
  ];
}

function toText(): Overload[] {
  return [
    ...globals("string", ["(bool): string", "(int): string"], String),
    global("string(uint): string", ({ value }: Uint) => String(value)),
    global("string(double): string", doubleText),
    global(
      "string(bytes): string",
      (bytes: Uint8Array) => {
        try {
          return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        } catch {
          throw new CelRuntimeError("invalid UTF-8 in bytes, cannot convert to string");
        }
      },
      traversal(),
    ),
    global("string(timestamp): string", timestampText),
    global("string(duration): string", durationText),
  ];
}

function toBool(text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw failed("bool");
}

/** As Go's `%g` writes it. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

function whole(value: number, overflow: string): bigint {
  if (!Number.isFinite(value)) throw new CelRuntimeError(overflow);
  return BigInt(Math.trunc(value));
}

function parsed<T>(value: T | undefined, type: string): T {
  if (value === undefined) throw failed(type);
  return value;
}

function failed(type: string): CelRuntimeError {
  return new CelRuntimeError(`type conversion error from 'string' to '${type}'`);
}

/** The name that `type(x)` shows. */
export function celTypeName(value: CelValue): string {
  const name = typeNameOf(value);
  const long: Readonly<Record<string, string>> = {
    null: "null_type",
    optional: "optional_type",
    timestamp: "google.protobuf.Timestamp",
    duration: "google.protobuf.Duration",
  };
  return long[name] ?? name;
}
