import { randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { BerthError } from "@berth/base";
import type { PluginSpec } from "../contracts/plugin-types.ts";
import { badSource, wrongDigest } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { executableManifest } from "./executable-manifest.ts";
import type { Logins } from "./find-login.ts";
import { isRemote, layPackage } from "./lay-package.ts";
import { digestExecutable, digestFolder } from "./package-digest.ts";
import { isAllowed, type PackageSource, readSource, sourceText } from "./plugin-source.ts";
import { readManifestOf } from "./read-manifest.ts";

/** A package from which a plugin may be started. */
export interface PreparedPackage {
  readonly manifest: Manifest;
  /** Where the entry is executed. */
  readonly folder: string;
  /** Undefined for a folder that is run as it stands. */
  readonly digest: string | undefined;
  readonly unverified: boolean;
}

/** Turns spec.source into a folder that may be executed. Rejects with a {@link BerthError} naming field and cause. */
export interface PackageStore {
  prepare(spec: PluginSpec): Promise<PreparedPackage>;
}

/**
 * Keeps a read-only copy of each package under its digest: `<folder>/sha256-<hex>/`. Only copies are executed, except
 * under `dev`, and a copy is hashed again before each start: disks rot, and root may have written to it. What is kept
 * is not fetched again.
 */
export class FolderPackageStore implements PackageStore {
  readonly #folder: string;
  readonly #allowedSources: readonly string[];
  readonly #npmRegistry: string | undefined;
  readonly #logins: Logins;

  constructor(
    folder: string,
    options: {
      /** As in isAllowed; empty allows any. */
      allowedSources?: readonly string[];
      npmRegistry?: string;
    } & Logins = {},
  ) {
    this.#folder = folder;
    this.#allowedSources = options.allowedSources ?? [];
    this.#npmRegistry = options.npmRegistry;
    this.#logins = options;
  }

  async prepare(spec: PluginSpec): Promise<PreparedPackage> {
    const source = readSource(spec.source, this.#npmRegistry);
    await this.#requireAllowed(source);
    if (spec.dev && source.kind === "path") {
      const manifest = await readManifestOf(source.path);
      return { manifest, folder: source.path, digest: undefined, unverified: true };
    }
    if (!spec.digest) throw await digestMissing(source);
    const folder = join(this.#folder, spec.digest.replace(":", "-"));
    if (await exists(folder)) await this.#check(source, folder, spec.digest);
    else await this.#take(source, spec.digest, folder);
    const manifest =
      source.kind === "executable" ? executableManifest(spec, source) : await readManifestOf(folder);
    return { manifest, folder, digest: spec.digest, unverified: false };
  }

  async #check(source: PackageSource, folder: string, digest: string): Promise<void> {
    const kept =
      source.kind === "executable"
        ? await digestExecutable(join(folder, basename(source.path)))
        : await digestFolder(folder);
    if (kept === digest) return;
    await rm(folder, { recursive: true, force: true });
    throw new BerthError(
      wrongDigest,
      `the kept copy ${folder} has digest ${kept}, not ${digest}; it is removed`,
    );
  }

  async #requireAllowed(source: PackageSource): Promise<void> {
    const text = sourceText(source);
    this.#require(text, text);
    if (source.kind === "npm" || source.kind === "oci") return;
    if (!(await exists(source.path)))
      throw new BerthError(badSource, `${fieldOf(source)} ${source.path} does not exist`);
    // A link inside an allowed folder may lead out of it.
    this.#require(`path:${await realpath(source.path)}`, text);
  }

  #require(text: string, named: string): void {
    if (isAllowed(text, this.#allowedSources)) return;
    throw new BerthError(
      badSource,
      `the source ${named} is outside of what this node allows (berth start --allow-source): ` +
        this.#allowedSources.join(", "),
    );
  }

  async #take(source: PackageSource, digest: string, target: string): Promise<void> {
    const draft = join(this.#folder, `.draft-${randomUUID()}`);
    const incoming = `${draft}.incoming`;
    await mkdir(draft, { recursive: true, mode: 0o755 });
    try {
      const actual = await this.#copy(source, incoming, draft);
      if (actual !== digest) {
        throw new BerthError(
          wrongDigest,
          `spec.digest is ${digest}, but the package at ${placeOf(source)} has ${actual}`,
        );
      }
      await rename(draft, target);
    } finally {
      await rm(draft, { recursive: true, force: true });
      await rm(incoming, { recursive: true, force: true });
    }
  }

  async #copy(source: PackageSource, incoming: string, draft: string): Promise<string> {
    if (source.kind === "executable") return digestExecutable(source.path, draft);
    if (isRemote(source)) return layPackage(source, incoming, this.#logins, draft);
    return digestFolder(source.path, draft);
  }
}

async function digestMissing(source: PackageSource): Promise<BerthError> {
  const known =
    source.kind === "path"
      ? await digestFolder(source.path)
      : source.kind === "executable"
        ? await digestExecutable(source.path)
        : undefined;
  const hint = known
    ? `the digest of ${placeOf(source)} is ${known}`
    : `berth plugin pin ${placeOf(source)} tells it`;
  return new BerthError(
    wrongDigest,
    `spec.digest is absent; it is mandatory unless spec.dev is true (${hint})`,
  );
}

/** As a person would write it. */
function placeOf(source: PackageSource): string {
  return source.kind === "npm" || source.kind === "oci" ? sourceText(source) : source.path;
}

function fieldOf({ kind }: PackageSource): string {
  const fields: Partial<Record<PackageSource["kind"], string>> = {
    executable: "spec.source.executable.path",
    tarball: "spec.source.npm.package",
  };
  return fields[kind] ?? "spec.source.path";
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
      throw error;
    },
  );
}
