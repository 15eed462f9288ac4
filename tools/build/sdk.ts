import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { emitDeclarations } from "./declarations.ts";

interface Package {
  name: string;
  version: string;
  license: string;
  dependencies: Record<string, string>;
}

/** Packages that the bundle leaves out: native code, and what declarations of the SDK name. */
const kept = ["koffi", "@grpc/grpc-js"];

/** `dist/sdk`: a package of built JavaScript and declarations that `npm pack` turns into what authors install. */
export async function buildSdk(root: string, output: string): Promise<void> {
  const folder = join(output, "sdk");
  await rm(folder, { recursive: true, force: true });
  await bundle({
    entries: { index: join(root, "sdk/index.ts"), testing: join(root, "sdk/testing/index.ts") },
    folder,
    external: kept,
    complete: false,
  });
  await emitDeclarations(root, ["sdk/index.ts", "sdk/testing/index.ts"], join(folder, "types"));
  const source = JSON.parse(await readFile(join(root, "sdk/package.json"), "utf8")) as Package;
  const linux = JSON.parse(await readFile(join(root, "lib/linux/package.json"), "utf8")) as Package;
  const versions = { ...linux.dependencies, ...source.dependencies };
  const description = {
    name: source.name,
    version: source.version,
    description: "What a Berth plugin author imports.",
    license: source.license,
    type: "module",
    engines: { node: ">=24" },
    exports: {
      ".": { types: "./types/sdk/index.d.ts", default: "./index.js" },
      "./testing": { types: "./types/sdk/testing/index.d.ts", default: "./testing.js" },
    },
    dependencies: Object.fromEntries(kept.map((name) => [name, versions[name]])),
  };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(description, undefined, 2)}\n`);
}
