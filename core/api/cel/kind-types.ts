import type { Kind } from "../kinds/kind.ts";
import { elementType, typeSchema } from "../schema/type-schema.ts";
import { typeOfResource } from "./schema-types.ts";
import {
  boolType,
  bytesType,
  type CelField,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  objectType,
  stringType,
  timestampType,
} from "./types.ts";

const basic: Readonly<Record<string, CelType>> = {
  string: stringType,
  bool: boolType,
  bytes: bytesType,
  int32: intType,
  int64: intType,
  double: doubleType,
  time: timestampType,
  microtime: timestampType,
  duration: durationType,
};

/** The declared type of a kind's objects, for finding mistakes in expressions before there is an object. */
export function typeOfKind(kind: Kind): CelType {
  if (kind.custom) return typeOfResource(kind.custom.schema);
  return namedType(kind.type);
}

function namedType(name: string): CelType {
  const schema = typeSchema(name);
  if (!schema) return basic[name] ?? dynType;
  if (schema.fields.length === 0) return dynType;
  return objectType(name, new LazyFields(name));
}

function fieldType(text: string): CelType {
  const element = elementType(text);
  if (!element) return namedType(text);
  const inner = fieldType(element.element);
  return element.of === "list" ? listOf(inner) : mapOf(stringType, inner);
}

/** Types refer to each other in circles: a field is looked up when an expression names it. */
class LazyFields extends Map<string, CelField> {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override get(field: string): CelField | undefined {
    const found = typeSchema(this.#name)?.fields.find(({ name }) => name === field);
    return found && { json: found.name, type: fieldType(found.type) };
  }
}
