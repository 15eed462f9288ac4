import { join } from "node:path";
import { bundle } from "./bundle.ts";

/** `dist/conformance`: the suites as a library and as a program, for any socket in any language. */
export async function buildConformance(root: string, output: string): Promise<void> {
  await bundle({
    entries: { index: join(root, "conformance/index.ts"), main: join(root, "conformance/main.ts") },
    folder: join(output, "conformance"),
  });
}
