import { deepCopy, isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";
import { DecodeState } from "../schema/decode-state.ts";
import { structureInto, type Structured } from "../schema/structure.ts";
import { additionalOf, isOpen, objectHead, propertyOf, type Schema } from "./schema.ts";

/**
 * Brings a custom object into the form its schema knows, in place: members it does not have are removed and named, unless it
 * preserves them; metadata takes the form that all metadata has.
 * @throws BerthError BERTH_API_MALFORMED
 */
export function structureCustom(schema: Schema, value: JsonObject): Structured {
  const state = new DecodeState();
  prune(schema, value, state, true);
  return { object: value, unknown: state.unknown };
}

/** Removes what a schema does not have from a value that is no object of its own. */
export function pruneValue(schema: Schema, value: JsonObject): void {
  prune(schema, value, new DecodeState(), false);
}

function prune(schema: Schema | undefined, value: unknown, state: DecodeState, isResource: boolean): void {
  if (Array.isArray(value)) {
    const items = schema?.items as Schema | undefined;
    if (!items && schema && isOpen(schema)) return;
    const depth = state.path.push(0) - 1;
    for (const [index, item] of value.entries()) {
      state.path[depth] = index;
      prune(items, item, state, items?.["x-kubernetes-embedded-resource"] === true);
    }
    state.path.pop();
  } else if (isJsonObject(value)) pruneObject(schema ?? {}, value, state, isResource);
}

function pruneObject(schema: Schema, value: JsonObject, state: DecodeState, isResource: boolean): void {
  for (const name of Object.keys(value)) {
    const member = ownMember(value, name);
    if (isResource && objectHead.has(name)) {
      if (name === "metadata") structureMetadata(value, state);
      continue;
    }
    const inner = propertyOf(schema, name) ?? additionalOf(schema);
    if (inner) {
      state.path.push(name);
      prune(inner, member, state, inner["x-kubernetes-embedded-resource"] === true);
      state.path.pop();
    } else if (!isOpen(schema)) {
      state.unknown.push(state.pathOf(name));
      Reflect.deleteProperty(value, name);
    }
  }
}

function structureMetadata(object: JsonObject, state: DecodeState): void {
  if (object["metadata"] === null) {
    delete object["metadata"];
    return;
  }
  state.path.push("metadata");
  object["metadata"] = structureInto("meta.v1.ObjectMeta", object["metadata"], state);
  state.path.pop();
}

/**
 * Fills what an object leaves out and its schema has a default for, in place. Nulls where the schema has none become
 * absent first.
 * @param keepsNulls those without a default stay, for whoever checks the object to refuse
 */
export function fillDefaults(schema: Schema, value: unknown, isResource = false, keepsNulls = false): void {
  if (Array.isArray(value)) {
    const items = schema.items as Schema | undefined;
    if (!items) return;
    for (const [index, item] of value.entries()) {
      if (item === null && !items.nullable && items.default !== undefined)
        value[index] = deepCopy(items.default);
      fillDefaults(items, value[index], false, keepsNulls);
    }
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {}) as [string, Schema][]) {
    if (isResource && objectHead.has(name)) continue;
    const present = ownMember(value, name);
    if (present !== undefined && (present !== null || property.nullable)) continue;
    if (property.default !== undefined) setMember(value, name, deepCopy(property.default));
    else if (present === null && !keepsNulls) Reflect.deleteProperty(value, name);
  }
  const additional = additionalOf(schema);
  for (const name of Object.keys(value)) {
    if (isResource && objectHead.has(name)) continue;
    const inner = propertyOf(schema, name) ?? additional;
    if (!inner) continue;
    if (ownMember(value, name) === null && !inner.nullable && inner === additional) {
      if (inner.default === undefined && keepsNulls) continue;
      if (inner.default === undefined) Reflect.deleteProperty(value, name);
      else setMember(value, name, deepCopy(inner.default));
    }
    const isEmbedded = inner["x-kubernetes-embedded-resource"] === true;
    fillDefaults(inner, ownMember(value, name), isEmbedded, keepsNulls);
  }
}
