import { decodeJson } from "../json/decode-json.ts";
import type { JsonObject } from "../json/json-value.ts";
import { namedType } from "../objects/decode-object.ts";
import { fail, WireReader } from "./wire-reader.ts";

const magic = [0x6b, 0x38, 0x73, 0x00];

/** Whether bytes begin as Kubernetes' protobuf envelope does. */
export function isProtobuf(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/**
 * Opens the envelope (magic, then runtime.Unknown: type, content) and hands its content to `decode`; a content that says it
 * is JSON is read as such.
 */
export function decodeEnvelope(
  bytes: Uint8Array,
  decode: (type: string, reader: WireReader) => JsonObject,
): JsonObject {
  const reader = new WireReader(bytes, magic.length);
  let [apiVersion, kind, contentType, contentEncoding] = ["", "", "", ""];
  let raw = new Uint8Array();
  while (!reader.atEnd) {
    const { number, wire } = reader.tag();
    if (number === 1) [apiVersion, kind] = typeMeta(reader.message());
    else if (number === 2) raw = new Uint8Array(reader.bytes());
    else if (number === 3) contentEncoding = reader.text();
    else if (number === 4) contentType = reader.text();
    else reader.skip(wire);
  }
  if (contentEncoding !== "") fail(`its content is encoded as ${JSON.stringify(contentEncoding)}`);
  if (contentType === "application/json") return decodeJson(raw).value as JsonObject;
  const named = namedType(apiVersion, kind);
  if (!named) fail(`its kind ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)} is no built-in type`);
  return { apiVersion, kind, ...decode(named.type, new WireReader(raw)) };
}

function typeMeta(reader: WireReader): [apiVersion: string, kind: string] {
  let [apiVersion, kind] = ["", ""];
  while (!reader.atEnd) {
    const { number, wire } = reader.tag();
    if (number === 1) apiVersion = reader.text();
    else if (number === 2) kind = reader.text();
    else reader.skip(wire);
  }
  return [apiVersion, kind];
}
