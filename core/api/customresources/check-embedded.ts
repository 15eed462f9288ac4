import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import { dnsSubdomainRule } from "../names/name-rules.ts";
import { checkLabels, checkName } from "../validation/checks.ts";

/** An object inside another says what it is, and its names and labels are good ones. */
export function checkEmbedded(object: JsonObject, at: FieldPath, errors: FieldErrors): void {
  for (const name of ["apiVersion", "kind"]) {
    const value = object[name];
    if (value === undefined || value === "") errors.required(at.child(name), "must not be empty");
  }
  const { name, labels } = (object["metadata"] ?? {}) as { name?: string; labels?: Record<string, string> };
  checkName(name, dnsSubdomainRule, at.child("metadata", "name"), errors);
  checkLabels(labels, at.child("metadata", "labels"), errors);
}
