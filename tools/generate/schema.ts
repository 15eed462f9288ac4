import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { columnDescriptions, readDescriptions } from "./schema-descriptions.ts";
import { readKinds } from "./schema-kinds.ts";
import { readTypes } from "./schema-tables.ts";
import { typeMap } from "./schema-type-map.ts";
import { writeTypes } from "./schema-typescript.ts";

const outputDirectory = join(import.meta.dirname, "../../core/api/generated");

/**
 * Writes core/api/generated: `types.ts` (interfaces), `schema.ts` and `kinds.ts` (what runs, as JSON text: it loads faster
 * than code and costs the type checker nothing), `descriptions.ts` (loaded only when OpenAPI is asked for), `column-descriptions.ts` (the few of them that tables show).
 */
export async function generateSchema(): Promise<void> {
  const names = [...(await readTypes(() => "any")).keys()];
  const types = await readTypes(typeMap(names));
  const kinds = await readKinds(new Set(names));
  const descriptions = await readDescriptions(names);
  await mkdir(outputDirectory, { recursive: true });
  await Promise.all([
    writeFile(join(outputDirectory, "types.ts"), writeTypes(types)),
    writeFile(join(outputDirectory, "schema.ts"), textModule("schemaText", Object.fromEntries(types))),
    writeFile(join(outputDirectory, "kinds.ts"), textModule("kindsText", kinds)),
    writeFile(join(outputDirectory, "descriptions.ts"), textModule("descriptionsText", descriptions)),
    writeFile(
      join(outputDirectory, "column-descriptions.ts"),
      textModule("columnDescriptionsText", columnDescriptions(kinds, descriptions)),
    ),
  ]);
}

function textModule(name: string, value: unknown): string {
  return `export const ${name}: string = ${JSON.stringify(JSON.stringify(value))};\n`;
}
