import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";

/** Where a workspace package's sources lie, for the declarations that name it. */
const folders: Readonly<Record<string, string>> = {
  "@berth/base": "lib/base",
  "@berth/linux": "lib/linux",
  "@berth/verbs": "lib/verbs",
  "@berth/proto": "proto",
  "@berth/sdk": "sdk",
  "@berth/conformance": "conformance",
  "@berth/cni": "lib/cni",
  "@berth/containerd": "lib/containerd",
  "@berth/cri": "lib/cri",
  "@berth/oci": "lib/oci",
  "@berth/sqlite": "lib/sqlite",
  "@berth/streaming": "lib/streaming",
};

/**
 * Declarations of the entries and of everything they name, as a tree below `output` that needs no workspace:
 * the types that a plugin author's compiler reads.
 */
export async function emitDeclarations(
  root: string,
  entries: readonly string[],
  output: string,
): Promise<void> {
  const scratch = await mkdtemp(join(root, "dist/.declarations-"));
  try {
    const project = join(scratch, "tsconfig.json");
    await writeFile(
      project,
      JSON.stringify({
        extends: join(root, "tsconfig.json"),
        compilerOptions: {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          rootDir: root,
          outDir: output,
          paths: sourcePaths(root),
        },
        include: [],
        files: entries.map((entry) => join(root, entry)),
      }),
    );
    await promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", project]);
    await Promise.all(globSync("**/*.d.ts", { cwd: output }).map((file) => pointInside(output, file)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Found as sources of ours, the workspace packages are emitted too; found in node_modules they would not be. */
function sourcePaths(root: string): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(folders).flatMap(([name, folder]) => [
      [name, [join(root, folder, "index.ts")]],
      [`${name}/*`, [join(root, folder, "*")]],
    ]),
  );
}

async function pointInside(output: string, file: string): Promise<void> {
  const text = await readFile(join(output, file), "utf8");
  const pointed = text.replaceAll(
    /(["'])(@berth\/[a-z]+)(\/[^"']*)?\1/g,
    (whole, quote: string, name: string, path: string | undefined) => {
      const folder = folders[name];
      if (!folder) return whole;
      const target = relative(dirname(file), join(folder, path ?? "/index.ts"));
      return `${quote}${target.startsWith(".") ? target : `./${target}`}${quote}`;
    },
  );
  if (pointed !== text) await writeFile(join(output, file), pointed);
}
