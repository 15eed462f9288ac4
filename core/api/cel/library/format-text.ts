import { CelRuntimeError } from "../cel-error.ts";
import { durationText, timestampText } from "../time-values.ts";
import { CelMap, type CelValue, Duration, Timestamp, typeNameOf, TypeValue, Uint } from "../values.ts";
import { doubleText } from "./conversions.ts";

const clause = /%(?:(%)|(?:\.(\d+))?([sdfeboxX]))/g;

/** `"%s has %d".format([a, b])` */
export function formatText(pattern: string, values: readonly CelValue[]): string {
  let used = 0;
  const text = pattern.replace(
    clause,
    (_, percent: string | undefined, precision: string | undefined, verb: string) => {
      if (percent) return "%";
      const value = values[used];
      if (value === undefined) throw new CelRuntimeError(`index ${used} out of range`);
      used++;
      return formatOne(value, verb, precision === undefined ? 6 : Math.min(Number(precision), 100));
    },
  );
  const stray = /%(?![%sdfeboxX.])/.exec(pattern.replaceAll("%%", ""));
  if (stray) throw new CelRuntimeError(`could not parse formatting clause: unrecognized formatting clause`);
  return text;
}

function formatOne(value: CelValue, verb: string, precision: number): string {
  switch (verb) {
    case "s":
      return textOf(value);
    case "d":
      if (typeof value === "bigint") return String(value);
      if (value instanceof Uint) return String(value.value);
      if (typeof value === "number" && !Number.isFinite(value)) return doubleText(value);
      throw mismatch("decimal", value);
    case "f":
    case "e": {
      const number =
        value instanceof Uint ? Number(value.value) : typeof value === "bigint" ? Number(value) : value;
      if (typeof number !== "number") throw mismatch("fixed-point", value);
      if (!Number.isFinite(number)) return doubleText(number);
      return verb === "f"
        ? number.toFixed(precision)
        : number.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
    }
    case "b":
      if (typeof value === "boolean") return value ? "1" : "0";
      return integerOf(value, "binary").toString(2);
    case "o":
      return integerOf(value, "octal").toString(8);
    default: {
      const hex = hexOf(value);
      return verb === "X" ? hex.toUpperCase() : hex;
    }
  }
}

function hexOf(value: CelValue): string {
  if (typeof value === "string") return hexOf(new TextEncoder().encode(value));
  if (value instanceof Uint8Array)
    return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return integerOf(value, "hexadecimal").toString(16);
}

function integerOf(value: CelValue, what: string): bigint {
  if (typeof value === "bigint") return value;
  if (value instanceof Uint) return value.value;
  throw mismatch(what, value);
}

function mismatch(what: string, value: CelValue): CelRuntimeError {
  return new CelRuntimeError(
    `error during formatting: ${what} clause can not be used on ${typeNameOf(value)}`,
  );
}

/** How `%s` shows any value. */
export function textOf(value: CelValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return doubleText(value);
  if (typeof value === "bigint" || typeof value === "boolean" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (value instanceof CelMap) {
    const entries = [...value.keys()].map((key) => `${String(key)}: ${textOf(value.get(key)!)}`);
    return `{${entries.toSorted().join(", ")}}`;
  }
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.name;
  throw mismatch("string", value);
}
