import { isJsonObject, type JsonObject } from "../json/json-value.ts";
import { DecodeState } from "./decode-state.ts";
import { type Codec, scalarCodecs } from "./scalar-codecs.ts";
import {
  elementType,
  type FieldSchema,
  type TypeSchema,
  typeSchema,
  typeSchemaNames,
} from "./type-schema.ts";

export interface Structured {
  readonly object: JsonObject;
  /** Paths of members that the type does not have; they were removed. */
  readonly unknown: readonly string[];
}

/**
 * Brings a value into the form of a type, in place: members of a wrong JSON type are refused, unknown ones removed and named,
 * nulls and empty optional members dropped, quantities and times made canonical.
 * @throws BerthError BERTH_API_MALFORMED.
 */
export function structure(type: string, value: unknown, isApplied = false): Structured {
  const codec = codecs.get(type);
  if (!codec) throw new TypeError(`the schema has no type ${type}`);
  const state = new DecodeState(type.startsWith("berth.") ? undefined : type, isApplied);
  return { object: codec(value, state) as JsonObject, unknown: state.unknown };
}

/** As {@link structure}, for a value inside another: paths go on where the state stands. */
export function structureInto(type: string, value: unknown, state: DecodeState): unknown {
  return codecs.get(type)!(value, state);
}

interface Member {
  readonly name: string;
  readonly codec: Codec;
  /** Dropped when zero. */
  readonly optional: boolean;
  readonly isMap: boolean;
}

const schemaProps = "apiextensions.v1.JSONSchemaProps";

/** Types of CustomResourceDefinitions that take two forms. */
const unionCodecs: Readonly<Record<string, Codec>> = {
  schemaOrArray: (value, state) =>
    Array.isArray(value) ? codecOf(`[]${schemaProps}`)(value, state) : codecOf(schemaProps)(value, state),
  schemaOrBool: (value, state) => (typeof value === "boolean" ? value : codecOf(schemaProps)(value, state)),
  schemaOrStrings: (value, state) =>
    Array.isArray(value) ? codecOf("[]string")(value, state) : codecOf(schemaProps)(value, state),
};

/** Groups of which an empty list is read back as none at all; of others much reads the lists. */
const withNullLists =
  /^(?:(?:batch|discovery|rbac|resource|storage)\.|core\.v1\.(?:LimitRangeSpec|ProjectedVolumeSource)$)/;

/** Every type's codec, made once; they call each other through this map, so recursive types are no special case. */
const codecs: ReadonlyMap<string, Codec> = new Map(
  typeSchemaNames().map((name) => [name, objectCodec(name, typeSchema(name)!)]),
);

function objectCodec(type: string, schema: TypeSchema): Codec {
  const members = new Map(schema.fields.map((field) => [field.name, memberOf(field)]));
  const zeroes = schema.fields.flatMap((field): [string, unknown][] => {
    const zero = field.always ? zeroOf(field) : undefined;
    if (zero === null && elementType(field.type) && !withNullLists.test(type)) return [];
    return zero === undefined ? [] : [[field.name, zero]];
  });
  return (value, state) => {
    const object = value === null ? {} : value;
    if (!isJsonObject(object)) return state.wrong("an object", value);
    for (const key of Object.keys(object)) decodeMember(object, key, members.get(key), state);
    if (!state.isApplied) {
      for (const [name, zero] of zeroes) if (isNothing(object[name])) object[name] = zero;
    }
    return object;
  };
}

function decodeMember(object: JsonObject, key: string, member: Member | undefined, state: DecodeState): void {
  const value = object[key];
  if (!member) {
    state.unknown.push(state.pathOf(key));
    delete object[key];
    return;
  }
  if (value === null) {
    if (!state.isApplied) delete object[key];
    return;
  }
  state.path.push(key);
  const decoded = member.codec(value, state);
  state.path.pop();
  const drops = member.optional && !state.isApplied;
  if (drops && (isZero(decoded) || (member.isMap && isEmpty(decoded)))) delete object[key];
  else if (decoded !== value) object[key] = decoded;
}

function memberOf(field: FieldSchema): Member {
  const isOpen = field.type === "any" || field.type === "raw" || field.type === "object";
  return {
    name: field.name,
    codec: codecOf(field.type),
    optional: !field.pointer && !field.always && !isOpen,
    isMap: field.type.startsWith("{}"),
  };
}

function codecOf(type: string): Codec {
  const element = elementType(type);
  if (element)
    return element.of === "list" ? listCodec(codecOf(element.element)) : mapCodec(codecOf(element.element));
  const scalar = scalarCodecs[type] ?? unionCodecs[type];
  if (scalar) return scalar;
  return (value, state) => codecs.get(type)!(value, state);
}

function listCodec(item: Codec): Codec {
  return (value, state) => {
    if (!Array.isArray(value)) return state.wrong("a list", value);
    const depth = state.path.push(0) - 1;
    for (let index = 0; index < value.length; index++) {
      state.path[depth] = index;
      value[index] = item(value[index], state);
    }
    state.path.pop();
    return value;
  };
}

function mapCodec(item: Codec): Codec {
  return (value, state) => {
    if (!isJsonObject(value)) return state.wrong("an object", value);
    for (const key of Object.keys(value)) {
      state.path.push(key);
      const decoded = item(value[key], state);
      if (decoded !== value[key]) value[key] = decoded;
      state.path.pop();
    }
    return value;
  };
}

/** null for what Go holds behind a pointer, and for lists, maps and times; undefined for what is not told here. */
function zeroOf({ type, pointer }: FieldSchema): unknown {
  const isText = type === "string";
  if (elementType(type) || type === "time" || type === "microtime") return null;
  if (pointer) return isText || /^(?:bool|int32|int64)$/.test(type) ? null : undefined;
  if (isText) return "";
  if (type === "bool") return false;
  return type === "int32" || type === "int64" ? 0 : undefined;
}

/** An empty list is stored as none at all. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isZero(value: unknown): boolean {
  if (value === "" || value === 0 || value === false) return true;
  return Array.isArray(value) && value.length === 0;
}

function isEmpty(value: unknown): boolean {
  for (const _ in value as JsonObject) return false;
  return true;
}
