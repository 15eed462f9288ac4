import type { JsonObject } from "../json/json-value.ts";
import { exactInteger } from "../json/raw-number.ts";
import {
  durationText,
  parseDurationText,
  parseTimestamp,
  timestampText,
  wordedDuration,
} from "./time-values.ts";
import { type CelType, dynType } from "./types.ts";
import {
  CelMap,
  type CelValue,
  Duration,
  exactToInt,
  isExactInteger,
  type MapKey,
  Optional,
  Timestamp,
  Uint,
} from "./values.ts";

/**
 * A decoded JSON value as an expression sees it: objects are wrapped, not copied, and their members converted when they are
 * read. Under `dyn` a whole number is an int, any other a double; a declared type decides for itself.
 */
export function fromJson(value: unknown, type: CelType = dynType): CelValue {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return fromText(value, type);
    case "number":
      return type.name === "double" || !Number.isSafeInteger(value) ? value : BigInt(value);
    case "bigint":
      return value;
    default:
  }
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const element = type.kind === "list" ? type.of[0]! : dynType;
    return value.map((one) => fromJson(one, element));
  }
  if (isExactInteger(value)) {
    const number = exactToInt(value);
    return type.name === "double" ? Number(number) : number;
  }
  return new JsonMap(value as JsonObject, type);
}

const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function fromText(text: string, { name }: CelType): CelValue {
  if (name === "timestamp") return parseTimestamp(text.length === 10 ? `${text}T00:00:00Z` : text) ?? text;
  if (name === "duration") return parseDurationText(text) ?? wordedDuration(text) ?? text;
  // What is no base64 is refused by its schema, and is a text until then.
  if (name === "bytes" && isBase64.test(text))
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  return text;
}

/** An object of JSON. */
class JsonMap extends CelMap {
  readonly #json: JsonObject;
  readonly #type: CelType;
  readonly #read = new Map<string, CelValue>();

  constructor(json: JsonObject, type: CelType) {
    super();
    this.#json = json;
    this.#type = type;
  }

  get size(): number {
    let size = 0;
    for (const _ of this.keys()) size++;
    return size;
  }

  get(key: MapKey): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const field = this.#type.fields?.get(key);
    if (this.#type.fields && !field) return undefined;
    const name = field?.json ?? key;
    if (!Object.hasOwn(this.#json, name)) return undefined;
    const raw = this.#json[name];
    // Under a declared type null is as good as absent.
    if (raw === undefined || (raw === null && field)) return undefined;
    const value = fromJson(raw, field?.type ?? this.#type.of[1] ?? dynType);
    this.#read.set(key, value);
    return value;
  }

  override compared(key: MapKey): CelValue | undefined {
    const { fields } = this.#type;
    if (typeof key !== "string" || !fields || fields.has(key)) return this.get(key);
    return Object.hasOwn(this.#json, key) ? fromJson(this.#json[key]) : undefined;
  }

  *keys(): Iterable<MapKey> {
    const { fields } = this.#type;
    for (const [name, value] of Object.entries(this.#json))
      if (value !== undefined && (value !== null || !fields?.has(name))) yield name;
  }
}

/** The JSON of a value; undefined for what JSON cannot say. */
export function toJson(value: CelValue): unknown {
  if (typeof value === "bigint") return exactInteger(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof CelMap) {
    const entries = [...value.keys()].map((key) => [String(key), toJson(value.get(key)!)] as const);
    return Object.fromEntries(entries);
  }
  if (value instanceof Uint) return toJson(value.value);
  if (value instanceof Uint8Array) return btoa(String.fromCharCode(...value));
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Optional) return value.value === undefined ? undefined : toJson(value.value);
  return undefined;
}
