import { isJsonObject } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { canonicalQuantity, quantityRule } from "../quantity/quantity.ts";
import { parseDuration } from "../time/duration.ts";
import { canonicalMicroTime, canonicalTime } from "../time/timestamp.ts";
import type { DecodeState } from "./decode-state.ts";

/** Checks a value and returns it in the form it is kept in; null stands for the zero value. */
export type Codec = (value: unknown, state: DecodeState) => unknown;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const text: Codec = (value, state) => {
  if (typeof value === "string") return value;
  return value === null ? "" : state.wrong("a string", value);
};

/** A codec for text with a canonical form; `canonical` answers undefined for text it refuses. */
function canonicalText(expected: string, canonical: (text: string) => string | undefined): Codec {
  return (value, state) => {
    if (value === null) return "";
    if (typeof value !== "string") return state.wrong(expected, value);
    return canonical(value) ?? state.refused(expected, value);
  };
}

function whole(expected: string, least: number, most: number): Codec {
  return (value, state) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    return value === null ? 0 : state.wrong(expected, value);
  };
}

const int32 = whole("a whole number of 32 bits", -(2 ** 31), 2 ** 31 - 1);
const largest64 = 2n ** 63n;

const quantity = canonicalText(`a quantity (${quantityRule})`, canonicalQuantity);

const object: Codec = (value, state) => (isJsonObject(value) ? value : state.wrong("an object", value));

export const scalarCodecs: Readonly<Record<string, Codec>> = {
  string: text,
  int32,
  int64: (value, state) => {
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    if (isExactInteger(value)) {
      const exact = BigInt(value.rawJSON);
      if (exact >= -largest64 && exact < largest64) return value;
    }
    return value === null ? 0 : state.wrong("a whole number of 64 bits", value);
  },
  double: (value, state) => {
    if (typeof value === "number") return value;
    if (isExactInteger(value)) return Number(value.rawJSON);
    return value === null ? 0 : state.wrong("a number", value);
  },
  bool: (value, state) => {
    if (typeof value === "boolean") return value;
    return value === null ? false : state.wrong("true or false", value);
  },
  bytes: canonicalText("base64 text", (value) => {
    const joined = value.replaceAll(/[\r\n]/g, "");
    return base64.test(joined) ? joined : undefined;
  }),
  quantity: (value, state) => {
    if (value === null) return "0";
    return quantity(typeof value === "number" ? String(value) : value, state);
  },
  time: canonicalText("an RFC 3339 time such as 2026-01-02T15:04:05Z", canonicalTime),
  microtime: canonicalText("an RFC 3339 time such as 2026-01-02T15:04:05.000000Z", canonicalMicroTime),
  duration: canonicalText("a duration such as 1m30s", (value) =>
    parseDuration(value) === undefined ? undefined : value,
  ),
  intstr: (value, state) => (typeof value === "string" ? value : int32(value, state)),
  any: (value) => value,
  object,
  raw: object,
  "runtime.Unknown": object,
};
