import { isExactInteger } from "./raw-number.ts";

/** What a JSON text can hold, as this room handles it. */
export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isExactInteger(value);
}

/** Sets a member whatever it is called: `__proto__` becomes an ordinary one. */
export function setMember(target: JsonObject, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else target[key] = value;
}

/** A member of the object's own, never one it inherits: resources and labels may be called `constructor`. */
export function ownMember<T>(target: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return target && Object.hasOwn(target, key) ? target[key] : undefined;
}

/** A copy that shares nothing with the original and keeps exact integers. */
export function deepCopy<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (isExactInteger(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setMember(copy, key, copyOf((value as JsonObject)[key]));
  return copy;
}

/** Equality of JSON values; the order of members does not matter, that of list items does. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => deepEqual(item, b[index]));
  }
  if (isExactInteger(a) || isExactInteger(b)) {
    return isExactInteger(a) && isExactInteger(b) && a.rawJSON === b.rawJSON;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && deepEqual((a as JsonObject)[key], (b as JsonObject)[key]),
  );
}

/** Freezes a value all the way down, so that it can be shared. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
