import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { BerthError, errorMessage } from "@berth/base";
import type { ContractKind, Plugin, PluginSource } from "../../api/berth/types.ts";
import { badSource } from "../../pluginhost/errors.ts";
import type { Manifest } from "../../pluginhost/manifest/manifest.ts";
import { isRemote, layPackage } from "../../pluginhost/package/lay-package.ts";
import { digestExecutable } from "../../pluginhost/package/package-digest.ts";
import { readSource } from "../../pluginhost/package/plugin-source.ts";
import { readManifestOf } from "../../pluginhost/package/read-manifest.ts";
import { wantedGrants } from "../../pluginhost/supervise/grants.ts";
import { type LoginOptions, loginFiles, type PullSecretOptions } from "./login-options.ts";
import { pluginObject } from "./plugin-object.ts";

export interface PinOptions extends LoginOptions, PullSecretOptions {
  readonly name?: string | undefined;
  readonly dev: boolean;
  /** Of what brings no manifest: a plain executable, a socket. */
  readonly contract?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly registry?: string | undefined;
}

/** A package as an operator installs it, with what its manifest says; a socket or an executable brings none. */
export interface PinnedPackage {
  readonly plugin: Plugin;
  readonly manifest?: Manifest;
}

const lackingOption = BerthError.define({
  code: "BERTH_MAIN_PIN_OPTION",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Say with --contract (cri, csi, cni, device) and --name what the program itself does not say.",
});

/**
 * The Plugin object for a package wherever it lies: a folder, an executable, a .tgz file, npm:NAME@VERSION,
 * oci:REFERENCE or unix:///SOCKET. What is not on this machine is fetched once, to learn its digest.
 */
export async function pluginFrom(place: string, options: PinOptions): Promise<PinnedPackage> {
  const source = await sourceOf(place, options);
  const { path, executable, endpoint } = source;
  if (path !== undefined) {
    const manifest = await readManifestOf(path);
    return { plugin: await pluginObject(options.name ?? manifest.id, path, { dev: options.dev }), manifest };
  }
  if (executable) {
    const name = options.name ?? basename(executable.path).toLowerCase();
    const digest = await digestExecutable(executable.path);
    return { plugin: plugin(name, { contract: contractOf(place, options), source, digest }) };
  }
  if (endpoint !== undefined) {
    if (options.name === undefined) throw new BerthError(lackingOption, `${place} needs --name`);
    return { plugin: plugin(options.name, { contract: contractOf(place, options), source }) };
  }
  return fetched(source, options);
}

/** The manifest of the package that a Plugin names now; undefined when it brings none. Rejects when it is not to be had. */
export async function manifestAt(
  source: PluginSource,
  logins: LoginOptions & PullSecretOptions,
): Promise<Manifest | undefined> {
  if (source.path !== undefined) return readManifestOf(source.path);
  if (source.npm || source.oci) return (await fetched(source, { ...logins, dev: false })).manifest;
  return undefined;
}

async function fetched(source: PluginSource, options: PinOptions): Promise<PinnedPackage> {
  const read = readSource(source);
  if (!isRemote(read)) throw new Error(`${read.kind} is no source to fetch from`);
  const folder = await mkdtemp(join(tmpdir(), "berth-pin-"));
  try {
    const package_ = join(folder, "package");
    const files = loginFiles(options);
    // Who names a file here does not have to be one who may read the Secret.
    const here =
      (options.registryAuthFile ?? options.npmrc) === undefined ? read : { ...read, pullSecret: undefined };
    const digest = await layPackage(here, package_, { ...files, pullSecrets: options.pullSecrets });
    const manifest = await readManifestOf(package_);
    const { id, version, contract } = manifest;
    const spec = { contract, source, version, digest, grants: wantedGrants(manifest) };
    return { plugin: plugin(options.name ?? id, spec), manifest };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sourceOf(place: string, { args, registry, pullSecret }: PinOptions): Promise<PluginSource> {
  if (place.startsWith("unix://")) return { endpoint: place };
  const login = pullSecret && { pullSecret };
  if (place.startsWith("oci:")) return { oci: { reference: place.slice("oci:".length), ...login } };
  if (place.startsWith("npm:")) {
    const at = registry === undefined ? {} : { registry };
    return { npm: { package: place.slice("npm:".length), ...at, ...login } };
  }
  const path = resolve(place);
  if (await isFolder(path)) return { path };
  if (/\.(?:tgz|tar\.gz)$/.test(path)) return { npm: { package: path } };
  return { executable: { path, ...(args?.length ? { args: [...args] } : {}) } };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new BerthError(badSource, `there is no package at ${path}: ${errorMessage(error)}`);
  }
}

function contractOf(place: string, { contract }: PinOptions): ContractKind {
  const known: readonly string[] = ["cri", "csi", "cni", "device"] satisfies ContractKind[];
  if (contract !== undefined && known.includes(contract)) return contract as ContractKind;
  throw new BerthError(lackingOption, `${place} needs --contract, one of ${known.join(", ")}`);
}

function plugin(name: string, spec: Plugin["spec"]): Plugin {
  return { apiVersion: "berth.dev/v1alpha1", kind: "Plugin", metadata: { name }, spec };
}
