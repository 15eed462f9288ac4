import { decodeJson } from "../json/decode-json.ts";
import { type JsonObject, ownMember, setMember } from "../json/json-value.ts";
import { elementType, typeSchema, typeSchemaNames } from "../schema/type-schema.ts";
import { decodeEnvelope, isProtobuf } from "./envelope.ts";
import { int64, rawBytes, specialMessages } from "./special-messages.ts";
import { fail, toBase64, type WireReader } from "./wire-reader.ts";

const deepest = 100;
const schemaProps = "apiextensions.v1.JSONSchemaProps";

type MessageField =
  | { readonly of: "inline"; readonly type: string }
  | { readonly of: "value" | "list" | "map"; readonly name: string; readonly type: string };

/** Fields by number of every type that travels as protobuf. */
const messages: ReadonlyMap<string, ReadonlyMap<number, MessageField>> = new Map(
  typeSchemaNames().map((name) => [name, fieldsOf(name)]),
);

/** Reads a message of a type into the JSON form of it. */
export function decodeMessage(
  type: string,
  reader: WireReader,
  depth = 0,
  target: JsonObject = {},
): JsonObject {
  if (depth > deepest) fail(`messages nest more than ${deepest} deep`);
  const fields = messages.get(type) ?? fail(`there is no message ${type}`);
  while (!reader.atEnd) {
    const { number, wire } = reader.tag();
    const field = fields.get(number);
    if (!field) reader.skip(wire);
    else if (field.of === "inline") decodeMessage(field.type, reader.message(), depth + 1, target);
    else if (field.of === "value") setMember(target, field.name, readValue(field.type, reader, wire, depth));
    else if (field.of === "list") readItems(list(target, field.name), field.type, reader, wire, depth);
    else readEntry(map(target, field.name), field.type, reader.message(), depth);
  }
  return target;
}

function readValue(type: string, reader: WireReader, wire: number, depth: number): unknown {
  const isNumber = type === "int32" || type === "int64" || type === "bool";
  if (wire !== (isNumber ? 0 : type === "double" ? 1 : 2)) fail(`a ${type} has the wire type ${wire}`);
  if (isNumber) return numberOf(type, reader.varint());
  if (type === "double") return reader.double();
  if (type === "string") return reader.text();
  if (type === "bytes") return toBase64(reader.bytes());
  const special = specialMessages[type];
  if (special) return special(reader.message());
  return readOpen(type, reader.message(), depth);
}

/** Messages of a type, and those that hold JSON or one of two forms. */
function readOpen(type: string, reader: WireReader, depth: number): unknown {
  if (type === "raw" || type === "any") return rawValue(rawBytes(reader), depth);
  if (type === "[]string") return decodeForms(reader, { 1: "[]string" }, depth) ?? [];
  if (type === "schemaOrArray")
    return decodeForms(reader, { 1: schemaProps, 2: `[]${schemaProps}` }, depth) ?? null;
  if (type === "schemaOrBool") return decodeForms(reader, { 1: "bool", 2: schemaProps }, depth) ?? false;
  if (type === "schemaOrStrings") return decodeForms(reader, { 1: schemaProps, 2: "[]string" }, depth) ?? [];
  return decodeMessage(type, reader, depth + 1);
}

/** The value of whichever form is present; of several the last, since `false` is written beside a schema. */
function decodeForms(reader: WireReader, forms: Readonly<Record<number, string>>, depth: number): unknown {
  let result: unknown;
  while (!reader.atEnd) {
    const { number, wire } = reader.tag();
    const form = forms[number];
    if (!form) reader.skip(wire);
    else if (form.startsWith("[]")) {
      result = Array.isArray(result) ? result : [];
      (result as unknown[]).push(readValue(form.slice(2), reader, wire, depth));
    } else result = readValue(form, reader, wire, depth);
  }
  return result;
}

function rawValue(bytes: Uint8Array | undefined, depth: number): unknown {
  if (!bytes) return null;
  if (!isProtobuf(bytes)) return decodeJson(bytes).value;
  return decodeEnvelope(bytes, (type, reader) => decodeMessage(type, reader, depth + 1));
}

function readItems(target: unknown[], type: string, reader: WireReader, wire: number, depth: number): void {
  const isPacked = wire === 2 && (type === "int32" || type === "int64" || type === "bool");
  if (!isPacked) {
    target.push(readValue(type, reader, wire, depth));
    return;
  }
  for (const packed = reader.message(); !packed.atEnd;) target.push(numberOf(type, packed.varint()));
}

function readEntry(target: JsonObject, type: string, reader: WireReader, depth: number): void {
  let key = "";
  let value: unknown = type === "string" || type === "bytes" ? "" : null;
  while (!reader.atEnd) {
    const { number, wire } = reader.tag();
    if (number === 1) key = reader.text();
    else if (number === 2) value = readValue(type, reader, wire, depth);
    else reader.skip(wire);
  }
  setMember(target, key, value);
}

function numberOf(type: string, value: bigint): unknown {
  if (type === "bool") return value !== 0n;
  return type === "int32" ? Number(BigInt.asIntN(32, value)) : int64(value);
}

function fieldsOf(type: string): ReadonlyMap<number, MessageField> {
  const schema = typeSchema(type)!;
  const fields = new Map<number, MessageField>();
  for (const { number, name, type: fieldType } of schema.fields) {
    if (number === undefined) continue;
    const element = elementType(fieldType);
    fields.set(number, { of: element?.of ?? "value", name, type: element?.element ?? fieldType });
  }
  for (const inline of schema.inline ?? []) fields.set(inline.number, { of: "inline", type: inline.type });
  return fields;
}

function list(target: JsonObject, name: string): unknown[] {
  const existing = ownMember(target, name);
  if (Array.isArray(existing)) return existing;
  const created: unknown[] = [];
  target[name] = created;
  return created;
}

function map(target: JsonObject, name: string): JsonObject {
  return (target[name] ??= {}) as JsonObject;
}
