import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderErrorCatalogue } from "./error-catalogue.ts";

const root = join(import.meta.dirname, "../..");
writeFileSync(join(root, "docs/errors.md"), await renderErrorCatalogue(root));
process.exit(0);
