import { BerthError } from "@berth/base";
import { goText } from "../json/go-text.ts";
import {
  deepCopy,
  deepEqual,
  isJsonObject,
  type JsonObject,
  ownMember,
  setMember,
} from "../json/json-value.ts";
import { mergeKeyOf, mergeListByKey, mergePrimitiveList, orderList } from "./merge-list.ts";
import { ruleOf, type MergeRule } from "./merge-rule.ts";
import { malformedPatch } from "./patch-error.ts";

const wrongRetainKeys = "invalid patch format of retainKeys";
const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";

/**
 * Applies a strategic merge patch to a copy of an object of a type, by the merge keys and strategies of the schema and the
 * directives `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
 * @throws BerthError BERTH_API_MALFORMED_PATCH.
 */
export function strategicMergePatch(type: string, document: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) throw new BerthError(malformedPatch, "a strategic merge patch is a JSON object");
  return mergeObject(type, deepCopy(document), patch) ?? {};
}

/** The merged object; undefined when the patch deletes it. */
export function mergeObject(
  type: string | undefined,
  target: JsonObject,
  patch: JsonObject,
): JsonObject | undefined {
  const directive = patch["$patch"];
  if (directive === "delete") return undefined;
  if (directive === "replace") return withoutDirectives(patch) as JsonObject;
  if (directive !== undefined && directive !== "merge") {
    throw new BerthError(malformedPatch, `unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  }
  retainKeys(target, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(deletePrefix)) deleteFromList(target, key.slice(deletePrefix.length), patch[key]);
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith("$")) mergeMember(ruleOf(type, key), target, key, patch);
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(orderPrefix) && !Object.hasOwn(patch, key.slice(orderPrefix.length))) {
      reorder(ruleOf(type, key.slice(orderPrefix.length)), target, key.slice(orderPrefix.length), patch);
    }
  }
  return target;
}

function mergeMember(rule: MergeRule, target: JsonObject, key: string, patch: JsonObject): void {
  const value = patch[key];
  const current = ownMember(target, key);
  if (value === null) {
    delete target[key];
    return;
  }
  if (isJsonObject(value) && isJsonObject(current) && !rule.strategies.has("replace")) {
    const merged = mergeObject(rule.inner, current, value);
    if (merged) setMember(target, key, merged);
    else delete target[key];
    return;
  }
  if (Array.isArray(value) && rule.strategies.has("merge")) {
    const before = Array.isArray(current) ? current : [];
    const list = mergeLists(rule, [...before], value, key);
    const order = orderOf(patch, key);
    if (order) checkOrder(order, value, rule.mergeKey);
    // What the patch speaks of goes first, where nothing says otherwise.
    setMember(target, key, orderList(list, before, order ?? value, rule.mergeKey));
    return;
  }
  if (isJsonObject(value) && value["$patch"] === "delete") delete target[key];
  else setMember(target, key, withoutDirectives(value));
}

function mergeLists(rule: MergeRule, current: unknown[], patch: unknown[], key: string): unknown[] {
  if (rule.mergeKey === undefined) return mergePrimitiveList(current, patch);
  return mergeListByKey(current, patch, rule.mergeKey, key, {
    merge: (target, value) => mergeObject(rule.inner, target, value),
    clean: withoutDirectives,
  });
}

function retainKeys(target: JsonObject, patch: JsonObject): void {
  const retained = patch["$retainKeys"];
  if (retained === undefined) return;
  if (!Array.isArray(retained)) throw new BerthError(malformedPatch, wrongRetainKeys);
  const names = new Set(retained);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith("$") && !names.has(key)) {
      throw new BerthError(malformedPatch, wrongRetainKeys);
    }
  }
  for (const key of Object.keys(target)) if (!names.has(key)) delete target[key];
}

function deleteFromList(target: JsonObject, key: string, values: unknown): void {
  const current = ownMember(target, key);
  if (!Array.isArray(values)) {
    throw new BerthError(malformedPatch, `${deletePrefix}${key} is a list of the values to delete`);
  }
  if (!Array.isArray(current)) return;
  const rest = current.filter((item) => !values.some((value) => deepEqual(item, value)));
  setMember(target, key, rest);
}

function reorder(rule: MergeRule, target: JsonObject, key: string, patch: JsonObject): void {
  const current = ownMember(target, key);
  if (Array.isArray(current))
    setMember(target, key, orderList(current, current, orderOf(patch, key), rule.mergeKey));
}

/** What a patch changes in a list stands in the list's order as it says it. */
function checkOrder(
  order: readonly unknown[],
  value: readonly unknown[],
  mergeKey: string | undefined,
): void {
  const keyOf = (item: unknown): unknown =>
    mergeKey !== undefined && isJsonObject(item) ? item[mergeKey] : item;
  const said = value.filter((item) => !isJsonObject(item) || item["$patch"] === undefined);
  let at = 0;
  for (const item of said) {
    while (at < order.length && !deepEqual(keyOf(order[at]), keyOf(item))) at++;
    if (at < order.length) continue;
    const shown = `The order in patch list:\n${goText(said)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`;
    throw new BerthError(malformedPatch, shown);
  }
}

function orderOf(patch: JsonObject, key: string): unknown[] | undefined {
  const order = patch[orderPrefix + key];
  if (order !== undefined && !Array.isArray(order)) {
    const received = isJsonObject(order) ? "map[string]interface {}" : typeof order;
    throw new BerthError(malformedPatch, `expected a []interface {}, but received a ${received}`);
  }
  return order;
}

/** A patch value as it is stored where there was nothing before: no directives, no nulls, no items marked for deletion. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !(isJsonObject(item) && (item["$patch"] === "delete" || isMarker(item))))
      .map(withoutDirectives);
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    if (!key.startsWith("$") && value[key] !== null) setMember(result, key, withoutDirectives(value[key]));
  }
  return result;
}

const isMarker = (item: JsonObject): boolean =>
  item["$patch"] === "replace" && mergeKeyOf(item) === undefined;
