import { FieldErrors } from "../errors/field-error.ts";
import { type FieldPath, rootPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import { mayBeEmpty } from "./required-exceptions.ts";
import {
  elementType,
  type FieldSchema,
  type TypeSchema,
  typeSchema,
  typeSchemaNames,
} from "./type-schema.ts";

/**
 * What the schema alone says against an object: members that are required and absent, values outside a closed set. `status` is
 * not looked at: controllers own it.
 */
export function checkStructure(
  type: string,
  object: JsonObject,
  errors = new FieldErrors(),
  at = rootPath,
): FieldErrors {
  checks.get(type)?.(object, at, errors);
  return errors;
}

type Check = (value: unknown, at: FieldPath, errors: FieldErrors) => void;

interface MemberCheck {
  readonly field: FieldSchema;
  readonly required: boolean;
  readonly allowed: ReadonlySet<string> | undefined;
  readonly type: string;
  readonly of: "list" | "map" | "value";
}

/** Types in which, or below which, there is something to check; the others are not walked. */
const checked = typesToCheck();
const checks: ReadonlyMap<string, Check> = new Map([...checked].map((name) => [name, objectCheck(name)]));

function objectCheck(name: string): Check {
  const members = typeSchema(name)!.fields.map((field) => memberCheck(name, field));
  const relevant = members.filter((member) => member.required || member.allowed || checked.has(member.type));
  return (value, at, errors) => {
    const object = value as JsonObject;
    for (const member of relevant) checkMember(member, object[member.field.name], at, errors);
  };
}

function memberCheck(type: string, field: FieldSchema): MemberCheck {
  const element = elementType(field.type);
  const inner = element?.element ?? field.type;
  const isScalarNumber = !element && /^(?:int32|int64|double|bool|intstr|time|microtime)$/.test(field.type);
  return {
    field,
    required: field.required === true && !isScalarNumber && !isExempt(type, field),
    allowed: field.enum && new Set(field.enum),
    type: field.name === "status" ? "" : inner,
    of: element?.of ?? "value",
  };
}

function isExempt(type: string, field: FieldSchema): boolean {
  return type.startsWith("meta.v1.Group") || mayBeEmpty.has(`${type}.${field.name}`);
}

function checkMember(member: MemberCheck, value: unknown, at: FieldPath, errors: FieldErrors): void {
  if (value === undefined || value === "" || (member.of === "list" && (value as unknown[]).length === 0)) {
    if (member.required) errors.required(at.child(member.field.name));
    return;
  }
  if (member.allowed) checkAllowed(member, value, at, errors);
  const inner = checks.get(member.type);
  if (!inner) return;
  const here = at.child(member.field.name);
  if (member.of === "value") inner(value, here, errors);
  else if (member.of === "list")
    (value as unknown[]).forEach((item, index) => inner(item, here.at(index), errors));
  else for (const [key, item] of Object.entries(value as JsonObject)) inner(item, here.at(key), errors);
}

function checkAllowed(member: MemberCheck, value: unknown, at: FieldPath, errors: FieldErrors): void {
  const here = at.child(member.field.name);
  const supported = member.field.enum!.toSorted();
  if (typeof value === "string") {
    if (!member.allowed!.has(value)) errors.notSupported(here, value, supported);
    return;
  }
  (value as string[]).forEach((item, index) => {
    if (!member.allowed!.has(item)) errors.notSupported(here.at(index), item, supported);
  });
}

function typesToCheck(): ReadonlySet<string> {
  const found = new Set<string>();
  const all = typeSchemaNames().filter((name) => !/(?:Status|List)$/.test(name));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const name of all) if (!found.has(name) && matters(name, typeSchema(name)!, found)) found.add(name);
  }
  return found;
}

function matters(name: string, schema: TypeSchema, found: ReadonlySet<string>): boolean {
  return schema.fields.some((field) => {
    const check = memberCheck(name, field);
    return check.required || check.allowed !== undefined || found.has(check.type);
  });
}
