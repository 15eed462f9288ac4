import { readFile } from "node:fs/promises";
import { join } from "node:path";

const dataDirectory = join(import.meta.dirname, "../../core/api/data");

/** One field of an API type as the tables and the type map tell it; the shape that runs is core/api/schema/type-schema.ts. */
export interface FieldRow {
  name: string;
  number?: number;
  type: string;
  required?: true;
  list?: "map" | "set" | "atomic";
  keys?: string[];
  atomic?: true;
  granular?: true;
  patch?: string;
  mergeKey?: string;
  enum?: string[];
  default?: unknown;
  pointer?: true;
  always?: true;
}

export interface TypeRow {
  fields: FieldRow[];
  atomic?: true;
  inline?: { number: number; type: string }[];
  unions?: unknown;
}

/** Type of a field by type and field name, as another source tells it; undefined where that source is silent. */
export type TypeSource = (type: string, field: string) => string | undefined;

/** Reads fields.tsv and berth-fields.tsv (form: core/api/data/README.md); `typeOf` fills the types they leave out. */
export async function readTypes(typeOf: TypeSource): Promise<Map<string, TypeRow>> {
  const types = new Map<string, TypeRow>();
  for (const line of await readLines("fields.tsv", "berth-fields.tsv")) {
    if (line.startsWith("@")) {
      const [name, flags = ""] = line.slice(1).split("\t");
      types.set(name!, readTypeFlags(flags));
      continue;
    }
    const [typeName, type] = [...types].at(-1)!;
    type.fields.push(readField(typeName, line.split("\t"), typeOf));
  }
  return types;
}

/** The lines of tables in core/api/data, in order. */
export async function readLines(...files: string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(join(dataDirectory, file), "utf8")));
  return texts.flatMap((text) => text.split("\n").filter((line) => line !== ""));
}

function readField(typeName: string, columns: string[], typeOf: TypeSource): FieldRow {
  const [name, number, ownType, flags = ""] = columns;
  const type = ownType || typeOf(typeName, name!);
  if (!type) throw new Error(`core/api/data: ${typeName}.${name} has no type, and the type map knows none`);
  const field: FieldRow = { name: name!, type };
  if (number) field.number = Number(number);
  for (const flag of flags.split(" ")) if (flag) applyFlag(field, flag);
  return field;
}

function applyFlag(field: FieldRow, flag: string): void {
  const [key, value = ""] = splitOnce(flag, "=");
  const [head, tail = ""] = splitOnce(value, ":");
  if (key === "req") field.required = true;
  else if (key === "ptr") field.pointer = true;
  else if (key === "always") field.always = true;
  else if (key === "atomic" && field.type.startsWith("[]")) field.list = "atomic";
  else if (key === "atomic") field.atomic = true;
  else if (key === "granular") field.granular = true;
  else if (key === "enum") field.enum = value.replaceAll("␠", " ").split("|");
  else if (key === "default") field.default = JSON.parse(value);
  else if (key === "list") {
    field.list = head as "map" | "set";
    if (tail) field.keys = tail.split(",");
  } else if (key === "patch") {
    field.patch = head;
    if (tail) field.mergeKey = tail;
  } else throw new Error(`core/api/data: field ${field.name} has the unreadable flag ${flag}`);
}

function readTypeFlags(flags: string): TypeRow {
  const type: TypeRow = { fields: [] };
  for (const flag of flags.split(" ")) {
    const [key, value = ""] = splitOnce(flag, "=");
    if (key === "atomic") type.atomic = true;
    else if (key === "unions") type.unions = JSON.parse(value);
    else if (key === "inline") {
      const [number, inlined] = splitOnce(value, ":");
      (type.inline ??= []).push({ number: Number(number), type: inlined! });
    }
  }
  return type;
}

export function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
