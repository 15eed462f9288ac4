import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import { mayBeEmpty } from "./required-exceptions.ts";
import { type Wording, wordings } from "./wordings.ts";
import { elementType, type FieldSchema, typeSchema, typeSchemaNames } from "./type-schema.ts";

/** A rule of one type that the schema cannot tell; `at` is where the value stands in its object. */
export type TypeRule<T = JsonObject> = (value: T, at: FieldPath, errors: FieldErrors) => void;
export type TypeRules = Readonly<Record<string, TypeRule>>;

/** Name of a rule that is heard when its type's checks come to a member, whether it is there or not. */
export const ahead = (type: string, member: string): string => `${type}#${member}`;

/** A rule of one type, seen as one of any: it only ever meets values of its type. */
export function rule<T>(check: TypeRule<T>): TypeRule {
  return check as unknown as TypeRule;
}

/**
 * Makes the function that checks an object of a type: members that are required and absent, values outside a closed set, then
 * the rules of every type that occurs in it. `status` is not looked at: controllers own it.
 */
export function compileChecks(
  rules: TypeRules,
): (type: string, object: JsonObject, at: FieldPath, errors: FieldErrors) => void {
  const reached = typesToCheck(rules);
  const checks = new Map<string, TypeRule>();
  for (const name of reached) checks.set(name, objectCheck(name, reached, checks, rules));
  return (type, object, at, errors) => checks.get(type)?.(object, at, errors);
}

type Check = TypeRule;

interface MemberCheck {
  readonly field: FieldSchema;
  readonly required: boolean;
  readonly allowed: ReadonlySet<string> | undefined;
  readonly type: string;
  readonly of: "list" | "map" | "value";
  readonly wording: Wording;
  readonly ahead: TypeRule | undefined;
}

function objectCheck(
  name: string,
  reached: ReadonlySet<string>,
  checks: ReadonlyMap<string, Check>,
  rules: TypeRules,
): Check {
  const own = rules[name];
  const members = typeSchema(name)!.fields.map((field) => memberCheck(name, field, rules));
  const relevant = members.filter(
    (member) => member.required || member.allowed || member.ahead || reached.has(member.type),
  );
  return (object, at, errors) => {
    for (const member of relevant) {
      member.ahead?.(object, at, errors);
      checkMember(member, object[member.field.name], at, errors, checks);
    }
    own?.(object, at, errors);
  };
}

function memberCheck(type: string, field: FieldSchema, rules: TypeRules): MemberCheck {
  const element = elementType(field.type);
  const inner = element?.element ?? field.type;
  const wording = wordings[`${type}.${field.name}`] ?? {};
  const isScalarNumber = !element && /^(?:int32|int64|double|bool|intstr|time|microtime)$/.test(field.type);
  return {
    field,
    required: field.required === true && !isScalarNumber && !isExempt(type, field),
    allowed: field.enum && !wording.own ? new Set(field.enum) : undefined,
    type: field.name === "status" ? "" : inner,
    of: element?.of ?? "value",
    wording,
    ahead: rules[ahead(type, field.name)],
  };
}

function isExempt(type: string, field: FieldSchema): boolean {
  return type.startsWith("meta.v1.Group") || mayBeEmpty.has(`${type}.${field.name}`);
}

function checkMember(
  member: MemberCheck,
  value: unknown,
  at: FieldPath,
  errors: FieldErrors,
  checks: ReadonlyMap<string, Check>,
): void {
  if (
    value === undefined ||
    value === null ||
    value === "" ||
    (member.of === "list" && (value as unknown[]).length === 0)
  ) {
    if (member.required) errors.required(at.child(member.field.name), member.wording.required);
    return;
  }
  if (member.allowed) checkAllowed(member, value, at, errors);
  const inner = checks.get(member.type);
  if (!inner) return;
  const here = at.child(member.wording.path ?? member.field.name);
  if (member.of === "value") inner(value as JsonObject, here, errors);
  else if (member.of === "list")
    (value as JsonObject[]).forEach((item, index) => inner(item, here.at(index), errors));
  else
    for (const [key, item] of Object.entries(value as Record<string, JsonObject>))
      inner(item, here.at(key), errors);
}

function checkAllowed(member: MemberCheck, value: unknown, at: FieldPath, errors: FieldErrors): void {
  const here = at.child(member.field.name);
  const { invalid, ofList, values } = member.wording;
  const supported = values ?? member.field.enum!.toSorted();
  const checkOne = (one: string, path: FieldPath): void => {
    if (member.allowed!.has(one)) return;
    if (invalid !== undefined) errors.invalid(path, one, invalid);
    else errors.notSupported(path, one, supported);
  };
  if (typeof value === "string") checkOne(value, here);
  else (value as string[]).forEach((item, index) => checkOne(item, ofList ? here : here.at(index)));
}

function typesToCheck(rules: TypeRules): ReadonlySet<string> {
  const all = typeSchemaNames().filter((name) => !/(?:Status|List)$/.test(name));
  const found = new Set(all.filter((name) => rules[name]));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const name of all) if (!found.has(name) && matters(name, found, rules)) found.add(name);
  }
  return found;
}

function matters(name: string, found: ReadonlySet<string>, rules: TypeRules): boolean {
  return typeSchema(name)!.fields.some((field) => {
    const check = memberCheck(name, field, rules);
    return (
      check.required || check.ahead !== undefined || check.allowed !== undefined || found.has(check.type)
    );
  });
}
