import { BerthError } from "@berth/base";
import { elementType, type FieldSchema, typeSchema } from "../schema/type-schema.ts";
import { malformedPatch } from "./patch-error.ts";

/** How strategic merge treats a value: what the schema tells of its field, and the type of what is in it. */
export interface MergeRule {
  readonly strategies: ReadonlySet<string>;
  readonly mergeKey: string | undefined;
  /** Type of the value, of the list's items or of the map's entries. */
  readonly inner: string | undefined;
}

const plain: MergeRule = { strategies: new Set(), mergeKey: undefined, inner: undefined };

/** The rule of a member of a type; members of maps and of what the schema leaves open have no rule of their own. */
export function ruleOf(type: string | undefined, member: string): MergeRule {
  if (type === undefined) return plain;
  const field = typeSchema(type)?.fields.find(({ name }) => name === member);
  return field ? ruleOfField(field) : plain;
}

function ruleOfField(field: FieldSchema): MergeRule {
  return {
    strategies: new Set(field.patch?.split(",")),
    mergeKey: field.mergeKey,
    inner: elementType(field.type)?.element ?? field.type,
  };
}

/** An order says of which list of the type it is. @throws BerthError */
export function checkMember(type: string | undefined, member: string): void {
  const schema = type === undefined ? undefined : typeSchema(type);
  if (!schema)
    throw new BerthError(
      malformedPatch,
      "merging an object in json but data type is not struct, instead is: map",
    );
  if (schema.fields.some(({ name }) => name === member)) return;
  const struct = type!.slice(type!.lastIndexOf(".") + 1);
  const shown = `struct ${struct} for the json field ${JSON.stringify(member)}`;
  throw new BerthError(malformedPatch, `unable to find api field in ${shown}`);
}
