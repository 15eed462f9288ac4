import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "@berth/base";
import { isErrno } from "@berth/linux";
import { badSource } from "../errors.ts";
import { fetchBytes, fetchJson, type FetchRequest, verified } from "./fetch-bytes.ts";
import type { PackageSource } from "./plugin-source.ts";
import { unpackTar } from "./unpack-tar.ts";

type Source<K extends PackageSource["kind"]> = Extract<PackageSource, { kind: K }>;

/** Lays an npm package from a file out in a folder. */
export async function layTarball({ path }: Source<"tarball">, folder: string): Promise<void> {
  await unpackPackage(createReadStream(path), folder, path);
}

/**
 * Lays an npm package of a registry out in a folder. The tarball must hash to what the registry says of it. Nothing of it
 * is run and nothing else is installed: what it needs it must hold.
 */
export async function layNpm(source: Source<"npm">, folder: string, request: FetchRequest): Promise<void> {
  const { name, version, registry } = source;
  const what = `npm package ${name}@${version}`;
  const document = (await fetchJson(`${registry}/${name.replace("/", "%2f")}`, request)) as {
    versions?: Record<string, { dist?: { tarball?: string; integrity?: string } } | undefined>;
  };
  const dist = document.versions?.[version]?.dist;
  if (!dist) {
    const known = Object.keys(document.versions ?? {})
      .slice(-5)
      .join(", ");
    throw new BerthError(badSource, `${registry} has no ${what}; its latest versions are ${known || "none"}`);
  }
  const { tarball = "", integrity } = dist;
  if (integrity === undefined)
    throw new BerthError(badSource, `${registry} tells no integrity of ${what}, which cannot be checked so`);
  const url = new URL(tarball, `${registry}/`);
  if (url.origin !== new URL(registry).origin)
    throw new BerthError(badSource, `${registry} sends for ${what} to another host, ${url.host}`);
  const strongest = integrity.split(/\s+/).toSorted().at(-1)!;
  await unpackPackage(verified(await fetchBytes(url.href, request), strongest, what), folder, what);
}

/** npm's own tarballs have one folder, of any name, around everything. */
async function unpackPackage(bytes: AsyncIterable<Uint8Array>, folder: string, what: string): Promise<void> {
  await unpackTar(bytes, folder, what, (path) => path.split("/").slice(1).join("/") || undefined);
  const manifest = await readPackageJson(folder);
  const bundled = manifest.bundleDependencies ?? manifest.bundledDependencies ?? [];
  const needed = Object.keys(manifest.dependencies ?? {});
  const lacking = bundled === true ? [] : needed.filter((name) => !(bundled || []).includes(name));
  if (lacking.length > 0)
    throw new BerthError(
      badSource,
      `${what} depends on ${lacking.join(", ")}, and nothing is installed for a plugin: bundle what it needs, ` +
        `or list it in bundleDependencies`,
    );
}

interface PackageJson {
  readonly dependencies?: object;
  readonly bundleDependencies?: string[] | boolean;
  readonly bundledDependencies?: string[] | boolean;
}

/** Nothing where a tarball that npm did not make holds none. */
async function readPackageJson(folder: string): Promise<PackageJson> {
  try {
    return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as PackageJson;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return {};
    throw error;
  }
}
