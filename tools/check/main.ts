import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkLayers } from "./check-layers.ts";
import { checkPromises } from "./check-promises.ts";
import { checkSize } from "./check-size.ts";
import { listSources } from "./list-sources.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const files = listSources(root);
const problems = files.flatMap((file) => {
  const source = read(file);
  return [...checkLayers(file, source), ...checkSize(file, source)];
});
problems.push(
  ...checkPromises(read("docs/promises.md"), (file) =>
    existsSync(join(root, file)) ? read(file) : undefined,
  ),
);
for (const problem of problems) console.error(problem);
console.error(
  `${files.length} files checked for layers and size, promises for their tests: ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
