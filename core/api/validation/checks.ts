import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { deepEqual } from "../json/json-value.ts";
import { labelValueRule, type NameRule, portNameRule, qualifiedNameRule } from "../names/name-rules.ts";

/** Complains of every way in which a name that is there breaks a rule. */
export function checkName(
  name: string | undefined,
  follow: NameRule,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (name) for (const wrong of follow(name)) errors.invalid(at, name, wrong);
}

export function checkNotNegative(value: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if ((value ?? 0) < 0) errors.invalid(at, value, "must be greater than or equal to 0");
}

export function checkPositive(value: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if (value !== undefined && value <= 0) errors.invalid(at, value, "must be greater than 0");
}

export function checkRange(
  value: number | undefined,
  least: number,
  most: number,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (value !== undefined && (value < least || value > most)) {
    errors.invalid(at, value, `must be between ${least} and ${most}, inclusive`);
  }
}

export const checkPort = (port: number | undefined, at: FieldPath, errors: FieldErrors): void =>
  checkRange(port, 1, 65_535, at, errors);

/** A port by number or by name. */
export function checkPortOrName(port: number | string | undefined, at: FieldPath, errors: FieldErrors): void {
  if (typeof port === "number") checkPort(port, at, errors);
  else if (port !== undefined) for (const wrong of portNameRule(port)) errors.invalid(at, port, wrong);
}

/** A path that does not lead out of where it begins. */
export function checkLocalPath(path: string, at: FieldPath, errors: FieldErrors): void {
  if (path.startsWith("/")) errors.invalid(at, path, "must be a relative path");
  if (path.split("/").includes("..")) errors.invalid(at, path, "must not contain '..'");
}

/** Keys and values of labels, or of a node selector. */
export function checkLabels(
  labels: Readonly<Record<string, string>> | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const wrong of qualifiedNameRule(key)) errors.invalid(at, key, wrong);
    for (const wrong of labelValueRule(value)) errors.invalid(at, value, wrong);
  }
}

/** Complains about each value that was there before. */
export function checkUnique<T>(
  items: readonly T[] | undefined,
  keyOf: (item: T) => unknown,
  at: FieldPath,
  errors: FieldErrors,
  member?: string,
): void {
  const seen = new Set<unknown>();
  for (const [index, item] of (items ?? []).entries()) {
    const key = keyOf(item);
    if (key === undefined || key === "") continue;
    if (seen.has(key)) errors.duplicate(member ? at.at(index).child(member) : at.at(index), key);
    seen.add(key);
  }
}

export function checkImmutable(value: unknown, old: unknown, at: FieldPath, errors: FieldErrors): void {
  if (!deepEqual(value ?? null, old ?? null)) errors.invalid(at, value ?? null, "field is immutable");
}

/** Names of the members of `of` that are set. */
export function membersSet<T extends object>(object: T, of: readonly (keyof T & string)[]): string[] {
  return of.filter((name) => object[name] !== undefined);
}

const percent = /^\d+%$/;

/** A count or a share such as `25%`. */
export function checkCountOrPercent(
  value: number | string | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (typeof value === "number") checkNotNegative(value, at, errors);
  else if (value !== undefined && !percent.test(value)) {
    errors.invalid(
      at,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    );
  }
}
