import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type { ValidationRule } from "../generated/types.ts";
import { simplePath } from "./json-path.ts";
import { additionalOf, propertyOf, type Schema } from "./schema.ts";

const reasons: readonly string[] = [
  "FieldValueDuplicate",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueRequired",
];
const lineBreak = /[\r\n]/;

/** What the rules of one value say beside their expressions. */
export function checkRuleTexts(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  // One without a rule is refused elsewhere, and is here all the same.
  const rules: readonly Partial<ValidationRule>[] = schema["x-kubernetes-validations"] ?? [];
  for (const [index, one] of rules.entries()) {
    const here = at.child("x-kubernetes-validations").at(index);
    const { rule = "", message = "", messageExpression, fieldPath, reason } = one;
    const [text, said] = [rule.trim(), message.trim()];
    if (text === "") errors.required(here.child("rule"), "rule is not specified");
    else if (said === "" && message !== "")
      errors.invalid(here.child("message"), message, "must be non-empty if specified");
    else if (lineBreak.test(said))
      errors.invalid(here.child("message"), message, "must not contain line breaks");
    else if (said === "" && lineBreak.test(text))
      errors.required(here.child("message"), "message must be specified if rule contains line breaks");
    if (messageExpression && messageExpression.trim() === "")
      errors.required(here.child("messageExpression"), "messageExpression must be non-empty if specified");
    if (reason !== undefined && !reasons.includes(reason))
      errors.notSupported(here.child("reason"), reason, reasons);
    if (fieldPath && !schemaAt(schema, fieldPath))
      errors.invalid(here.child("fieldPath"), fieldPath, "must be a valid path");
  }
}

/** The schema of what a simple path such as `.spec.name` or `['a-b']` leads to; undefined where it leads nowhere. */
export function schemaAt(schema: Schema, path: string): Schema | undefined {
  let found: Schema | undefined = schema;
  for (const name of simplePath(path) ?? [])
    if (found) found = found.properties ? propertyOf(found, name) : additionalOf(found);
  return simplePath(path) && found;
}
