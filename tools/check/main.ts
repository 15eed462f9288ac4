import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkLayers } from "./check-layers.ts";
import { checkSize } from "./check-size.ts";
import { listSources } from "./list-sources.ts";

const root = join(import.meta.dirname, "../..");
const files = listSources(root);
const problems = files.flatMap((file) => {
  const source = readFileSync(join(root, file), "utf8");
  return [...checkLayers(file, source), ...checkSize(file, source)];
});
for (const problem of problems) console.error(problem);
console.error(`${files.length} files checked for layers and size, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
