import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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
  return Object.fromEntries(entries);
}

function readComments(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  const pattern =
    /\/\*\*\s*\n((?:\s*\*(?!\/).*\n)*)\s*\*\/\s*\n\s*(?:export declare class \w+|'([^']+)'\??:)/g;
  for (const [, comment, field = ""] of text.matchAll(pattern)) {
    const lines = comment!.split("\n").map((line) => line.replace(/^\s*\*\s?/, "").trim());
    result[field] = lines
      .join("\n")
      .trim()
      .replaceAll(/\\(['"])/g, "$1");
  }
  return result;
}
