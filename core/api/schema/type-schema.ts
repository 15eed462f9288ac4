import { schemaText } from "../generated/schema.ts";

/** One field of a type, as core/api/data tells it. */
export interface FieldSchema {
  readonly name: string;
  /** Protobuf field number; absent for types that never travel as protobuf. */
  readonly number?: number;
  /** `string`, `int32`, `quantity`, … , `[]T`, `{}T` or the name of a type: `core.v1.PodSpec`. */
  readonly type: string;
  readonly required?: true;
  readonly list?: "map" | "set" | "atomic";
  /** Keys of a `map` list. */
  readonly keys?: readonly string[];
  /** A map or object that one writer owns as a whole. */
  readonly atomic?: true;
  /** An object that writers share here, though one owns it as a whole elsewhere. */
  readonly granular?: true;
  /** Strategic merge: `merge`, `replace`, `retainKeys`, `merge,retainKeys`. */
  readonly patch?: string;
  readonly mergeKey?: string;
  /** Every value that is allowed. */
  readonly enum?: readonly string[];
  readonly default?: unknown;
  /** A zero value differs from absence. */
  readonly pointer?: true;
  /** Written even when it is zero. */
  readonly always?: true;
}

export interface TypeSchema {
  readonly fields: readonly FieldSchema[];
  /** Type of members that are not named; absent where there are none. */
  readonly rest?: string;
  readonly atomic?: true;
  /** Protobuf messages whose members lie in this type's JSON. */
  readonly inline?: readonly { readonly number: number; readonly type: string }[];
  readonly unions?: unknown;
}

const schemas: ReadonlyMap<string, TypeSchema> = new Map(
  Object.entries(JSON.parse(schemaText) as Record<string, TypeSchema>),
);

/** Finds a type by its name. */
export type TypeLookup = (name: string) => TypeSchema | undefined;

/** The schema of a type by its name (`core.v1.Pod`), or undefined for a name that is a basic type. */
export function typeSchema(name: string): TypeSchema | undefined {
  return schemas.get(name);
}

export function typeSchemaNames(): readonly string[] {
  return [...schemas.keys()];
}

/** `[]T` and `{}T` taken apart. */
export function elementType(
  type: string,
): { readonly of: "list" | "map"; readonly element: string } | undefined {
  if (type.startsWith("[]")) return { of: "list", element: type.slice(2) };
  if (type.startsWith("{}")) return { of: "map", element: type.slice(2) };
  return undefined;
}
