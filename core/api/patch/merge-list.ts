import { BerthError } from "@berth/base";
import { goText } from "../json/go-text.ts";
import { deepEqual, isJsonObject, type JsonObject } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { malformedPatch } from "./patch-error.ts";

/** With the values of the patch that the list does not hold yet. */
export function mergePrimitiveList(current: unknown[], patch: readonly unknown[]): unknown[] {
  return [...current, ...patch.filter((value) => !current.some((item) => deepEqual(item, value)))];
}

export interface ItemMerger {
  merge(target: JsonObject, patch: JsonObject): unknown;
  /** A new item without its directives. */
  clean(value: unknown): unknown;
}

/**
 * Merges items that have the same merge key, adds the others. Items with a directive say only what becomes of the list or of
 * its item: nothing else in them counts.
 */
export function mergeListByKey(
  current: unknown[],
  patch: readonly JsonObject[],
  mergeKey: string,
  merger: ItemMerger,
): unknown[] {
  const plain = patch.filter((item) => item["$patch"] === undefined);
  let result = [...current];
  let isReplaced = false;
  for (const item of patch) {
    const directive = item["$patch"];
    if (directive === undefined) continue;
    if (directive === "merge")
      throw new BerthError(malformedPatch, "merging lists cannot yet be specified in the patch");
    if (directive === "replace") isReplaced = true;
    else if (directive === "delete") {
      const key = keyIn(item, mergeKey);
      result = result.filter((one) => !isJsonObject(one) || !deepEqual(one[mergeKey], key));
    } else throw unknownDirective(item);
  }
  if (isReplaced) return plain.map((item) => merger.clean(item));
  for (const item of plain) {
    const key = keyIn(item, mergeKey);
    const at = result.findIndex((existing) => isJsonObject(existing) && deepEqual(existing[mergeKey], key));
    if (at < 0) result.push(merger.clean(item));
    else result[at] = merger.merge(result[at] as JsonObject, item);
  }
  return result;
}

/** @throws BerthError for an item that nothing tells from the others */
export function keyIn(item: JsonObject, mergeKey: string): unknown {
  const key = item[mergeKey];
  if (key !== undefined) return key;
  throw new BerthError(
    malformedPatch,
    `map: ${goText(item)} does not contain declared merge key: ${mergeKey}`,
  );
}

/** In the words of Go, whose verb for texts was given something else. */
export function unknownDirective(patch: JsonObject): BerthError {
  const directive = patch["$patch"];
  const type = typeof directive === "number" ? "int64=" : typeof directive === "boolean" ? "bool=" : "";
  const shown = typeof directive === "string" ? directive : `%!s(${type}${goText(directive)})`;
  return new BerthError(malformedPatch, `unknown patch type: ${shown} in map: ${goText(patch)}`);
}

/** @throws BerthError unless all items of both lists are of one JSON type */
export function checkAlike(current: readonly unknown[], patch: readonly unknown[]): void {
  const types = new Set([...current, ...patch].map(jsonTypeOf));
  if (types.size < 2) return;
  const shown = goText([current, patch]);
  throw new BerthError(malformedPatch, `list element types are not identical: ${shown}`);
}

function jsonTypeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "number" && !isExactInteger(value)) return typeof value;
  return Number.isInteger(Number(value)) || typeof value === "object" ? "int64" : "float64";
}

/**
 * Brings the items that `order` names into that order; the others keep their place relative to those they stood beside in
 * `before`.
 */
export function orderList(
  list: unknown[],
  before: readonly unknown[],
  order: readonly unknown[] | undefined,
  mergeKey: string | undefined,
): unknown[] {
  if (order === undefined) return list;
  const keyOf = (item: unknown): unknown =>
    mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item;
  const rank = (item: unknown): number => order.findIndex((other) => deepEqual(keyOf(other), keyOf(item)));
  const place = (item: unknown): number => before.findIndex((other) => deepEqual(keyOf(other), keyOf(item)));
  const named = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  const others = list.filter((item) => rank(item) < 0);
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [left, right] = [place(others[0]), place(named[0])];
    result.push(left >= 0 && right >= 0 && left < right ? others.shift() : named.shift());
  }
  return [...result, ...others, ...named];
}
