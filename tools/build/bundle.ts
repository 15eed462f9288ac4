import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { copyNative } from "./copy-native.ts";
import { contracts } from "../../proto/contracts.ts";

/** CommonJS dependencies inside an ES module bundle still ask for `require`. */
const requireBanner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

const generated = join(import.meta.dirname, "../../proto/generated");

/** Native code cannot be bundled; it is resolved beside the bundle at run time. */
const native = ["koffi"];

export interface BundleRequest {
  /** Output name to source file. */
  readonly entries: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Packages left to the installer beside the native ones. */
  readonly external?: readonly string[];
  /** False: native code is left to the installer too. */
  readonly complete?: boolean;
}

/** One ES module per entry for Node 24, with the contract descriptors that its sources load beside it. */
export async function bundle(request: BundleRequest): Promise<void> {
  await mkdir(request.folder, { recursive: true });
  const result = await build({
    entryPoints: { ...request.entries },
    outdir: request.folder,
    bundle: true,
    platform: "node",
    format: "esm",
    splitting: true,
    target: "node24",
    sourcemap: "linked",
    sourcesContent: false,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    external: [...native, ...(request.external ?? [])],
    banner: { js: requireBanner },
    plugins: [requiredHttp],
    metafile: true,
    logLevel: "warning",
  });
  await copyDescriptors(request.folder);
  const usesNative =
    request.complete !== false &&
    Object.values(result.metafile.inputs).some((input) =>
      input.imports.some((imported) => imported.external && native.includes(imported.path)),
    );
  if (usesNative) await copyNative(request.folder);
}

/**
 * Imported as an ES module, node:http has every export read at once, and one of them loads Node's whole fetch and
 * WebSocket: a tenth of a small program's start.
 */
const requiredHttp: Plugin = {
  name: "required-http",
  setup(bundler) {
    bundler.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "required-http" } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: "required-http" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** A contract is loaded by name at run time; all of them together are smaller than one plugin. */
async function copyDescriptors(folder: string): Promise<void> {
  await mkdir(join(folder, "generated"), { recursive: true });
  await Promise.all(
    Object.keys(contracts).map((name) =>
      copyFile(join(generated, `${name}.json`), join(folder, "generated", `${name}.json`)),
    ),
  );
}
