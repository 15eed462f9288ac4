import { BerthError } from "@berth/base";
import { goText } from "../json/go-text.ts";
import { deepEqual, isJsonObject, type JsonObject } from "../json/json-value.ts";
import { malformedPatch } from "./patch-error.ts";

/** With the values of the patch that the list does not hold yet. */
export function mergePrimitiveList(current: unknown[], patch: readonly unknown[]): unknown[] {
  return [...current, ...patch.filter((value) => !current.some((item) => deepEqual(item, value)))];
}

export interface ItemMerger {
  /** The merged item, undefined when the patch deletes it. */
  merge(target: JsonObject, patch: JsonObject): JsonObject | undefined;
  /** A new item without its directives. */
  clean(value: unknown): unknown;
}

/** Merges items that have the same merge key, adds the others; `name` is the list's, for error sentences. */
export function mergeListByKey(
  current: unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  name: string,
  merger: ItemMerger,
): unknown[] {
  const items = patch.map((item) => asItem(item, name));
  if (items.some((item) => item["$patch"] === "replace")) {
    return items.filter((item) => !isReplaceMarker(item)).map((item) => merger.clean(item));
  }
  const result = [...current];
  for (const item of items) {
    const key = item[mergeKey];
    if (key === undefined) {
      throw new BerthError(
        malformedPatch,
        `map: ${goText(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const at = result.findIndex((existing) => isJsonObject(existing) && deepEqual(existing[mergeKey], key));
    if (at < 0) {
      if (item["$patch"] !== "delete") result.push(merger.clean(item));
      continue;
    }
    const merged = merger.merge(result[at] as JsonObject, item);
    if (merged) result[at] = merged;
    else result.splice(at, 1);
  }
  return result;
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

/** Any member that is no directive; a pure marker has none. */
export function mergeKeyOf(item: JsonObject): string | undefined {
  return Object.keys(item).find((key) => !key.startsWith("$"));
}

const isReplaceMarker = (item: JsonObject): boolean =>
  item["$patch"] === "replace" && mergeKeyOf(item) === undefined;

function asItem(item: unknown, name: string): JsonObject {
  if (!isJsonObject(item))
    throw new BerthError(malformedPatch, `the items of ${name} in the patch are objects`);
  return item;
}
