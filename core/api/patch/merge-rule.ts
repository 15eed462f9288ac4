import { elementType, type FieldSchema, typeSchema } from "../schema/type-schema.ts";

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
