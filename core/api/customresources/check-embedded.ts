import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { dns1035LabelRule } from "../names/name-rules.ts";
import { checkEmbeddedMetadata } from "../validation/metadata-rules.ts";
import { additionalOf, childrenOf, propertyOf, type Schema } from "./schema.ts";

/** Objects inside others, anywhere in a value: they say what they are, and have good names and labels. */
export function checkEmbedded(
  schema: Schema,
  value: unknown,
  at: FieldPath | undefined,
  errors: FieldErrors,
): void {
  if (Array.isArray(value)) {
    const items = schema.items as Schema | undefined;
    if (items)
      for (const [index, item] of value.entries())
        checkEmbedded(items, item, (at ?? FieldPath.of("<nil>")).at(index), errors);
    return;
  }
  if (!isJsonObject(value)) return;
  if (at && schema["x-kubernetes-embedded-resource"]) checkHead(value, at, errors);
  const additional = additionalOf(schema);
  for (const name of Object.keys(value)) {
    const property = propertyOf(schema, name);
    const inner = property ?? additional;
    if (!inner) continue;
    const here = at ? (property ? at.child(name) : at.at(name)) : FieldPath.of(name);
    checkEmbedded(inner, ownMember(value, name), here, errors);
  }
}

export function hasEmbedded(schema: Schema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true || childrenOf(schema).some(hasEmbedded);
}

function checkHead(object: JsonObject, at: FieldPath, errors: FieldErrors): void {
  for (const name of ["apiVersion", "kind"]) if (object[name] === undefined) errors.required(at.child(name));
  checkWord(object["apiVersion"], at.child("apiVersion"), groupVersionProblem, errors);
  checkWord(object["kind"], at.child("kind"), kindProblem, errors);
  const { metadata } = object;
  if (isJsonObject(metadata)) checkEmbeddedMetadata(metadata, at.child("metadata"), errors);
}

function checkWord(
  value: unknown,
  at: FieldPath,
  problem: (text: string) => string | undefined,
  errors: FieldErrors,
): void {
  if (value === undefined) return;
  const wrong =
    typeof value !== "string" ? "must be a string" : value === "" ? "must not be empty" : problem(value);
  if (wrong) errors.invalid(at, value, wrong);
}

const groupVersionProblem = (text: string): string | undefined =>
  text.split("/").length > 2 ? `unexpected GroupVersion string: ${text}` : undefined;

function kindProblem(text: string): string | undefined {
  const wrong = dns1035LabelRule(text.toLowerCase());
  return wrong.length > 0 ? `may have mixed case, but should otherwise match: ${wrong.join(",")}` : undefined;
}
