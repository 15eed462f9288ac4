import { BerthError } from "@berth/base";
import { goMap, notUnmarshalled } from "../json/go-text.ts";
import { deepCopy, isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { malformedPatch } from "./patch-error.ts";

/**
 * Applies a JSON merge patch (RFC 7386) to a copy of an object.
 * @throws BerthError BERTH_API_MALFORMED_PATCH.
 */
export function mergePatch(document: JsonObject, patch: unknown): JsonObject {
  if (patch === null) throw new BerthError(malformedPatch, "Invalid JSON Patch");
  if (!isJsonObject(patch)) {
    throw new BerthError(malformedPatch, `error decoding patch: ${notUnmarshalled(patch, goMap)}`);
  }
  return merged(deepCopy(document), patch);
}

function merged(target: unknown, patch: JsonObject): JsonObject {
  const result = isJsonObject(target) ? target : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete result[key];
    else
      setMember(
        result,
        key,
        isJsonObject(value) ? merged(ownMember(result, key), value) : withoutNulls(value),
      );
  }
  return result;
}

/** A value that comes in whole: its objects hold no nulls either, wherever they stand in lists. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value) || isExactInteger(value)) return deepCopy(value);
  return merged({}, value);
}
