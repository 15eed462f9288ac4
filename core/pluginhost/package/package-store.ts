import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { BerthError } from "@berth/base";
import type { PluginSpec } from "../contracts/plugin-types.ts";
import { badSource, wrongDigest } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { digestFolder, readManifestOf } from "./inspect-folder.ts";
import { readTree } from "./read-tree.ts";
import { treeDigest } from "./tree-digest.ts";

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
 * under `dev`, and a copy is hashed again before each start: disks rot, and root may have written to it.
 */
export class FolderPackageStore implements PackageStore {
  readonly #folder: string;
  readonly #allowedSources: readonly string[];

  /** `allowedSources`: folders below which a package may lie; empty allows any absolute path. */
  constructor(folder: string, allowedSources: readonly string[] = []) {
    this.#folder = folder;
    this.#allowedSources = allowedSources;
  }

  async prepare(spec: PluginSpec): Promise<PreparedPackage> {
    const source = spec.source.path;
    if (source === undefined) {
      throw new BerthError(
        badSource,
        `spec.source.path is absent, and this node takes packages from folders only`,
      );
    }
    await this.#checkSource(source);
    if (spec.dev) {
      return { manifest: await readManifestOf(source), folder: source, digest: undefined, unverified: true };
    }
    if (!spec.digest) {
      const actual = await digestFolder(source);
      throw new BerthError(
        wrongDigest,
        `spec.digest is absent; it is mandatory unless spec.dev is true (the digest of ${source} is ${actual})`,
      );
    }
    const folder = join(this.#folder, spec.digest.replace(":", "-"));
    if (await exists(folder)) await this.#check(folder, spec.digest);
    else await this.#copy(source, spec.digest, folder);
    return { manifest: await readManifestOf(folder), folder, digest: spec.digest, unverified: false };
  }

  async #check(folder: string, digest: string): Promise<void> {
    const kept = await digestFolder(folder);
    if (kept === digest) return;
    await rm(folder, { recursive: true, force: true });
    throw new BerthError(
      wrongDigest,
      `the kept copy ${folder} has digest ${kept}, not ${digest}; it is removed`,
    );
  }

  async #checkSource(source: string): Promise<void> {
    if (!isAbsolute(source))
      throw new BerthError(badSource, `spec.source.path ${source} is not an absolute path`);
    const allowed = this.#allowedSources;
    if (allowed.length > 0 && !allowed.some((root) => source === root || source.startsWith(`${root}/`))) {
      throw new BerthError(
        badSource,
        `spec.source.path ${source} is outside of what this node allows: ${allowed.join(", ")}`,
      );
    }
    if (!(await exists(source))) throw new BerthError(badSource, `spec.source.path ${source} does not exist`);
  }

  async #copy(source: string, digest: string, target: string): Promise<void> {
    const draft = join(this.#folder, `.draft-${randomUUID()}`);
    await mkdir(draft, { recursive: true, mode: 0o755 });
    try {
      const actual = treeDigest(await readTree(source, draft));
      if (actual !== digest) {
        throw new BerthError(
          wrongDigest,
          `spec.digest is ${digest}, but the package at ${source} has ${actual}`,
        );
      }
      await rename(draft, target);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
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
