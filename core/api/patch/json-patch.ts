import { notUnmarshalled } from "../json/go-text.ts";
import { BerthError } from "@berth/base";
import { objectTooLarge } from "../errors/decode-error.ts";
import {
  deepCopy,
  deepEqual,
  isJsonObject,
  type JsonObject,
  ownMember,
  setMember,
} from "../json/json-value.ts";
import { isPrefix, parsePointer } from "./json-pointer.ts";
import { malformedPatch, patchDoesNotApply } from "./patch-error.ts";

const mostOperations = 10_000;

/**
 * Applies a JSON patch (RFC 6902) to a copy of the document: all operations or none. As clients of Kubernetes are used to,
 * positions below zero count from a list's end, a member that is not there reads as null and may be replaced, and no value
 * is null.
 * @throws BerthError BERTH_API_MALFORMED_PATCH or BERTH_API_PATCH_DOES_NOT_APPLY.
 */
export function jsonPatch(document: unknown, patch: unknown): unknown {
  const operations = operationsIn(patch);
  const holder = { root: deepCopy(document) };
  operations.forEach((operation, index) => apply(holder, operation, `operation ${index}`));
  return holder.root;
}

/** Nothing at all is an empty patch. @throws BerthError unless it is a list of what may be operations */
function operationsIn(patch: unknown): readonly JsonObject[] {
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw mistyped(patch, "value of type []handlers.jsonPatchOp");
  if (patch.length > mostOperations)
    throw new BerthError(
      objectTooLarge,
      `Request entity too large: The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`,
    );
  return patch.map((operation: unknown) => {
    if (operation === null) return {};
    if (!isJsonObject(operation)) throw mistyped(operation, "value of type handlers.jsonPatchOp");
    for (const name of ["op", "path", "from"]) {
      const said = operation[name] ?? "";
      if (typeof said !== "string") throw mistyped(said, `struct field jsonPatchOp.${name} of type string`);
    }
    return operation;
  });
}

function mistyped(value: unknown, as: string): BerthError {
  return new BerthError(malformedPatch, `error decoding patch: ${notUnmarshalled(value, as)}`);
}

interface Holder {
  root: unknown;
}

function apply(holder: Holder, operation: JsonObject, where: string): void {
  const path = parsePointer(operation["path"], `${where}: path`);
  const isWhole = path.length === 0 && operation["op"] !== "test" && operation["op"] !== "replace";
  if (isWhole) throw missing(path, where);
  switch (operation["op"]) {
    case "add":
      return add(holder, path, valueOf(operation), where);
    case "replace":
      return replace(holder, path, valueOf(operation), where);
    case "remove":
      return void remove(holder, path, where);
    case "move":
    case "copy": {
      const from = parsePointer(operation["from"], `${where}: from`);
      if (from.length === 0) throw missing(from, where);
      if (operation["op"] === "copy") return add(holder, path, deepCopy(read(holder, from, where)), where);
      if (isPrefix(from, path) && from.length < path.length) {
        throw new BerthError(patchDoesNotApply, `${where} moves ${operation["from"] as string} into itself`);
      }
      return add(holder, path, remove(holder, from, where), where);
    }
    case "test":
      if (deepEqual(read(holder, path, where), valueOf(operation))) return;
      throw new BerthError(
        patchDoesNotApply,
        `${where}: testing value ${operation["path"] as string} failed`,
      );
    default:
      throw new BerthError(
        patchDoesNotApply,
        `${where} has the unknown op ${JSON.stringify(operation["op"])}`,
      );
  }
}

function valueOf(operation: Record<string, unknown>): unknown {
  return deepCopy(operation["value"] ?? null);
}

/** What stands there; null for a member that its object has not. */
function read(holder: Holder, path: readonly string[], where: string): unknown {
  const last = path.at(-1);
  const parent = last === undefined ? undefined : find(holder, path.slice(0, -1), where);
  return isJsonObject(parent) ? (ownMember(parent, last!) ?? null) : find(holder, path, where);
}

function find(holder: Holder, path: readonly string[], where: string): unknown {
  let value = holder.root;
  for (const segment of path) {
    if (Array.isArray(value)) value = value[positionIn(value, segment, value.length - 1, path, where)];
    else if (isJsonObject(value) && Object.hasOwn(value, segment)) value = value[segment];
    else throw missing(path, where);
  }
  return value;
}

function add(holder: Holder, path: readonly string[], value: unknown, where: string): void {
  const last = path.at(-1);
  if (last === undefined) {
    holder.root = value;
    return;
  }
  const parent = find(holder, path.slice(0, -1), where);
  if (Array.isArray(parent)) {
    const position = last === "-" ? parent.length : positionIn(parent, last, parent.length, path, where);
    parent.splice(position, 0, value);
  } else if (isJsonObject(parent)) setMember(parent, last, value);
  else throw missing(path, where);
}

function replace(holder: Holder, path: readonly string[], value: unknown, where: string): void {
  const last = path.at(-1);
  const parent = last === undefined ? undefined : find(holder, path.slice(0, -1), where);
  if (Array.isArray(parent)) parent[positionIn(parent, last!, parent.length - 1, path, where)] = value;
  else add(holder, path, value, where);
}

function remove(holder: Holder, path: readonly string[], where: string): unknown {
  const value = find(holder, path, where);
  const last = path.at(-1);
  if (last === undefined) {
    holder.root = null;
    return value;
  }
  const parent = find(holder, path.slice(0, -1), where);
  if (Array.isArray(parent)) parent.splice(positionIn(parent, last, parent.length - 1, path, where), 1);
  else delete (parent as Record<string, unknown>)[last];
  return value;
}

function positionIn(
  list: unknown[],
  segment: string,
  most: number,
  path: readonly string[],
  where: string,
): number {
  const number = /^[+-]?\d+$/.test(segment) ? Number(segment) : Number.NaN;
  const position = number < 0 ? number + most + 1 : number;
  if (!(position >= 0 && position <= most)) throw missing(path, where);
  return position;
}

function missing(path: readonly string[], where: string): BerthError {
  return new BerthError(patchDoesNotApply, `${where}: the object has nothing at /${path.join("/")}`);
}
