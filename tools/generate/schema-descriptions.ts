import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readLines } from "./schema-tables.ts";
import { className } from "./schema-type-map.ts";

/**
 * Doc comments of `@kubernetes/client-node` by type, then by field (`""` is the type's own): what OpenAPI and
 * `kubectl explain` show.
 */
export async function readDescriptions(
  types: Iterable<string>,
): Promise<Record<string, Record<string, string>>> {
  const models = dirname(
    createRequire(import.meta.url).resolve("@kubernetes/client-node/dist/gen/models/all.js"),
  );
  const pairs = [...types].flatMap((type) => {
    const name = className(type);
    return name ? [[type, name] as const] : [];
  });
  const entries = await Promise.all(
    pairs.map(async ([type, name]) => {
      const text = await readFile(join(models, `${name}.d.ts`), "utf8");
      return [type, readComments(text)] as const;
    }),
  );
  return { ...Object.fromEntries(entries), ...(await readOwnDescriptions()) };
}

/** By `type.field`: what the columns of tables say of the fields that they show. Throws for a field without a comment. */
export function columnDescriptions(
  kinds: readonly { readonly columns: readonly object[] }[],
  descriptions: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> {
  const fields = kinds.flatMap(({ columns }) =>
    columns.flatMap((column) => ("documentedBy" in column ? [String(column.documentedBy)] : [])),
  );
  const entries = [...new Set(fields)].map((path) => {
    const end = path.lastIndexOf(".");
    const text = descriptions[path.slice(0, end)]?.[path.slice(end + 1)];
    if (!text) throw new Error(`a column is described by ${path}, which has no description`);
    return [path, text] as const;
  });
  return Object.fromEntries(entries);
}

async function readOwnDescriptions(): Promise<Record<string, Record<string, string>>> {
  const result: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of await readLines("berth-descriptions.tsv")) {
    const [field = "", text = ""] = line.split("\t");
    if (field.startsWith("@")) current = result[field.slice(1)] = {};
    else current[field] = text;
  }
  return result;
}

function readComments(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  const pattern =
    /\/\*\*\s*\n((?:\s*\*(?!\/).*\n)*)\s*\*\/\s*\n\s*(?:export declare class \w+|'([^']+)'\??:)/g;
  for (const [, comment, field = ""] of text.matchAll(pattern)) {
    const lines = comment!.split("\n").map((line) => line.replace(/^\s*\*\s?/, "").trim());
    // The class writes `_default` where the name is a word of the language.
    result[field.replace(/^_/, "")] = lines
      .join("\n")
      .trim()
      .replaceAll(/\\(['"])/g, "$1");
  }
  return result;
}
