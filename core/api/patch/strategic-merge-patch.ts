import { BerthError } from "@berth/base";
import { goMap, goText, notUnmarshalled } from "../json/go-text.ts";
import {
  deepCopy,
  deepEqual,
  isJsonObject,
  type JsonObject,
  ownMember,
  setMember,
} from "../json/json-value.ts";
import {
  checkAlike,
  keyIn,
  mergeListByKey,
  mergePrimitiveList,
  orderList,
  unknownDirective,
} from "./merge-list.ts";
import { checkMember, ruleOf, type MergeRule } from "./merge-rule.ts";
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
  if (!isJsonObject(patch)) throw new BerthError(malformedPatch, notUnmarshalled(patch, goMap));
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
  if (directive === "replace") {
    const { $patch: _, ...rest } = patch;
    return withoutDirectives(rest) as JsonObject;
  }
  if (directive !== undefined && directive !== "merge") throw unknownDirective(patch);
  retainKeys(target, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(deletePrefix)) deleteFromList(target, key.slice(deletePrefix.length), patch[key]);
  }
  for (const key of Object.keys(patch)) {
    if (!isDirective(key)) mergeMember(ruleOf(type, key), target, key, patch);
  }
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(orderPrefix) || Object.hasOwn(patch, key.slice(orderPrefix.length))) continue;
    const name = key.slice(orderPrefix.length);
    checkMember(type, name);
    reorder(ruleOf(type, name), target, name, patch);
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
    const list = mergeLists(rule, [...before], value);
    const order = orderOf(patch, key);
    if (order && rule.mergeKey !== undefined) checkNamed(order, rule.mergeKey);
    if (order) checkOrder(order, value, rule.mergeKey);
    // What the patch speaks of goes first, where nothing says otherwise.
    setMember(target, key, orderList(list, before, order ?? value, rule.mergeKey));
    return;
  }
  const clean = withoutDirectives(value);
  if (clean === undefined) delete target[key];
  else setMember(target, key, clean);
}

function mergeLists(rule: MergeRule, current: unknown[], patch: unknown[]): unknown[] {
  checkAlike(current, patch);
  if (rule.mergeKey === undefined || !patch.every(isJsonObject)) return mergePrimitiveList(current, patch);
  return mergeListByKey(current, patch, rule.mergeKey, {
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
    if (!isDirective(key) && patch[key] !== null && !names.has(key)) {
      throw new BerthError(malformedPatch, wrongRetainKeys);
    }
  }
  for (const key of Object.keys(target)) if (!names.has(key)) delete target[key];
}

function deleteFromList(target: JsonObject, key: string, values: unknown): void {
  const current = ownMember(target, key);
  if (!Array.isArray(values) || !Array.isArray(current)) return;
  checkAlike(current, values);
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

/** What an order names has the key that names it. */
function checkNamed(order: readonly unknown[], mergeKey: string): void {
  for (const item of order) {
    if (!isJsonObject(item))
      throw new BerthError(
        malformedPatch,
        `expected a map[string]interface {}, but received a ${typeof item}`,
      );
    keyIn(item, mergeKey);
  }
}

/** Other members that begin with a dollar are members like any other, which no type has. */
function isDirective(key: string): boolean {
  const isWhole = key === "$patch" || key === "$retainKeys";
  return isWhole || key.startsWith(orderPrefix) || key.startsWith(deletePrefix);
}

/** A patch value as it is stored where there was nothing before: no nulls, and nothing of what has a directive for itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (value["$patch"] !== undefined) return undefined;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const member = isDirective(key) || value[key] === null ? undefined : withoutDirectives(value[key]);
    if (member !== undefined) setMember(result, key, member);
  }
  return result;
}
