import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { copyNative, nativeFile } from "./copy-native.ts";
import { contracts } from "../../proto/contracts.ts";

/** CommonJS dependencies inside an ES module bundle still ask for `require`. */
const requireBanner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

const asModule: BuildOptions = { format: "esm", splitting: true, banner: { js: requireBanner } };

const asScript: BuildOptions = {
  format: "cjs",
  banner: { js: "(function (require, module, exports, __dirname) {" },
  footer: { js: "})" },
  define: { "import.meta.dirname": "__dirname" },
};

const generated = join(import.meta.dirname, "../../proto/generated");

/** Native code cannot be bundled; it lies beside the bundle or is left to the installer. */
const native = "koffi";

export interface BundleRequest {
  /** Output name to source file. */
  readonly entries: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Packages left to the installer beside the native ones. */
  readonly external?: readonly string[];
  /** False: native code is left to the installer too. */
  readonly complete?: boolean;
  /** `script`: an expression for `vm.Script`, a function of `require, module, exports, __dirname`. */
  readonly format?: "module" | "script";
}

/** One file per entry for Node 24, with the contract descriptors that its sources load beside it. */
export async function bundle(request: BundleRequest): Promise<void> {
  await mkdir(request.folder, { recursive: true });
  const result = await build({
    entryPoints: { ...request.entries },
    outdir: request.folder,
    bundle: true,
    platform: "node",
    ...(request.format === "script" ? asScript : asModule),
    target: "node24",
    sourcemap: "linked",
    sourcesContent: false,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    external: [...(request.complete === false ? [native] : []), ...(request.external ?? [])],
    plugins: request.complete === false ? [requiredHttp] : [requiredHttp, nativeBeside],
    metafile: true,
    logLevel: "warning",
  });
  await copyDescriptors(request.folder);
  const inputs = Object.keys(result.metafile.inputs);
  if (inputs.some((input) => input.startsWith(`${nativeBeside.name}:`))) await copyNative(request.folder);
}

/** The package's own way to its native code asks for twenty platforms and reads Node's program first. */
const nativeBeside: Plugin = {
  name: "native-beside",
  setup(bundler) {
    bundler.onResolve({ filter: /^koffi$/ }, ({ path }) => ({ path, namespace: "native-beside" }));
    bundler.onLoad({ filter: /.*/, namespace: "native-beside" }, () => ({
      contents: `module.exports = require("./${nativeFile}");`,
      resolveDir: generated,
    }));
    bundler.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, external: true }));
  },
};

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
