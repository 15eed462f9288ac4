import { BerthError, nearestName } from "@berth/base";
import type { ContractShape } from "@berth/proto";
import { badCall } from "../errors.ts";

/**
 * JSON that a person wrote as the message of a type: fields as the .proto names them, bytes from base64. Protobuf
 * itself would leave out what it does not know. Throws BERTH_PLUGIN_CALL naming the field; without `isStrict` a field that
 * the type does not have is handed on as it is.
 */
export function readMessage(
  shape: ContractShape,
  type: string,
  value: unknown,
  path = type,
  isStrict = true,
): unknown {
  const fields = shape.messages[type];
  // Well-known types have forms of their own.
  if (!fields) return value;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, `is ${JSON.stringify(value)}, but must be an object`);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!field && !isStrict) return [name, member];
      if (!field) {
        const near = nearestName(name, Object.keys(fields));
        const known = Object.keys(fields).join(", ") || "none";
        throw wrong(
          path,
          `has no field ${name}; ${near === undefined ? `its fields: ${known}` : `did you mean ${near}?`}`,
        );
      }
      return [name, readField(shape, field, member, `${path}.${name}`, isStrict)];
    }),
  );
}

function readField(
  shape: ContractShape,
  { type, repeated }: { type: string; repeated: boolean },
  value: unknown,
  path: string,
  isStrict: boolean,
): unknown {
  if (repeated) {
    if (!Array.isArray(value)) throw wrong(path, "must be a list");
    return value.map((element, index) => readOne(shape, type, element, `${path}[${index}]`, isStrict));
  }
  const [, ofMap] = /^map<\w+, (.*)>$/.exec(type) ?? [];
  if (ofMap === undefined) return readOne(shape, type, value, path, isStrict);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(path, "must be an object");
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [
      key,
      readOne(shape, ofMap, element, `${path}.${key}`, isStrict),
    ]),
  );
}

function readOne(
  shape: ContractShape,
  type: string,
  value: unknown,
  path: string,
  isStrict: boolean,
): unknown {
  const names = shape.enums[type];
  if (names) {
    if (typeof value === "number" || (typeof value === "string" && Object.hasOwn(names, value))) return value;
    const near = nearestName(String(value), Object.keys(names));
    throw wrong(
      path,
      `has no value ${String(value)}; ${near ? `did you mean ${near}?` : `one of ${Object.keys(names).join(", ")}`}`,
    );
  }
  if (shape.messages[type]) return readMessage(shape, type, value, path, isStrict);
  if (type === "bytes") return Buffer.from(demand("string", value, path), "base64");
  if (type === "string") return demand("string", value, path);
  if (type === "bool") return demand("boolean", value, path);
  if (typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value))) return value;
  if (!/^(double|float|u?s?int\d+|s?fixed\d+)$/.test(type)) return value;
  throw wrong(path, `is ${JSON.stringify(value)}, but must be a number`);
}

function demand<Name extends "string" | "boolean">(
  type: Name,
  value: unknown,
  path: string,
): Name extends "string" ? string : boolean {
  if (typeof value !== type) throw wrong(path, `is ${JSON.stringify(value)}, but must be a ${type}`);
  return value as Name extends "string" ? string : boolean;
}

function wrong(path: string, what: string): BerthError {
  return new BerthError(badCall, `${path} ${what}`);
}

/** An answer as JSON shows it: bytes in base64. */
export function showMessage(value: unknown): unknown {
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(showMessage);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, showMessage(member)]));
}
