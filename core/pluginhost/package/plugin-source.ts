import { isAbsolute } from "node:path";
import { BerthError } from "@berth/base";
import { formatReference, parseReference } from "@berth/oci";
import type { PluginSpec, PullSecret } from "../contracts/plugin-types.ts";
import { badSource } from "../errors.ts";

/** Where a package comes from, checked and with its defaults. */
export type PackageSource =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "executable"; readonly path: string; readonly args: readonly string[] }
  | { readonly kind: "tarball"; readonly path: string }
  | {
      readonly kind: "npm";
      readonly name: string;
      readonly version: string;
      readonly registry: string;
      readonly pullSecret: PullSecret | undefined;
    }
  | { readonly kind: "oci"; readonly reference: string; readonly pullSecret: PullSecret | undefined };

/**
 * Reads spec.source. Throws {@link badSource} naming the field: the API checks its form too, but a host takes objects
 * from whoever made them.
 */
export function readSource(source: PluginSpec["source"], npmRegistry?: string): PackageSource {
  if (source.path !== undefined) return { kind: "path", path: absolute("spec.source.path", source.path) };
  if (source.executable) {
    const { path, args = [] } = source.executable;
    return { kind: "executable", path: absolute("spec.source.executable.path", path), args };
  }
  if (source.npm) {
    const { package: named, pullSecret } = source.npm;
    if (isAbsolute(named)) return { kind: "tarball", path: named };
    const [, name, version] = /^((?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*)@(\d[\w.+-]*)$/.exec(named) ?? [];
    if (name === undefined || version === undefined)
      throw new BerthError(
        badSource,
        `spec.source.npm.package ${named} is neither NAME@VERSION with an exact version nor the absolute path of a .tgz file`,
      );
    const registry = source.npm.registry ?? npmRegistry;
    if (registry === undefined)
      throw new BerthError(
        badSource,
        "spec.source.npm.registry is not set, and no registry of this node's own was named (--npm-registry URL)",
      );
    return { kind: "npm", name, version, registry: httpBase(registry), pullSecret };
  }
  if (source.oci) {
    const { reference, pullSecret } = source.oci;
    return { kind: "oci", reference: readReference(reference), pullSecret };
  }
  throw new BerthError(badSource, "spec.source names no place to take the package from");
}

function absolute(field: string, path: string): string {
  if (isAbsolute(path)) return path;
  throw new BerthError(badSource, `${field} ${path} is not an absolute path`);
}

function readReference(text: string): string {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    throw new BerthError(badSource, `spec.source.oci.reference: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** TLS everywhere but on the machine itself. */
function httpBase(text: string): string {
  const field = "spec.source.npm.registry";
  if (!URL.canParse(text)) throw new BerthError(badSource, `${field} ${text} is no URL`);
  const url = new URL(text);
  const isLocal = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal))
    throw new BerthError(badSource, `${field} ${text} must begin with https://`);
  return url.href.replace(/\/+$/, "");
}

/** The one spelling by which a node allows sources: "path:/opt/plugins/foo", "npm:npm.example.com/@acme/foo". */
export function sourceText(source: PackageSource): string {
  if (source.kind === "oci") return `oci:${source.reference}`;
  if (source.kind !== "npm") return `path:${source.path}`;
  return `npm:${source.registry.replace(/^https?:\/\//, "")}/${source.name}@${source.version}`;
}

/**
 * Whether an allow list has an entry for a source. An entry allows what begins with it and goes on at a boundary:
 * "oci:oci.example.com/acme" allows oci.example.com/acme/foo:1, but not oci.example.com/acme-too/foo:1. A bare absolute path stands for path:.
 * An empty list allows everything.
 */
export function isAllowed(text: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return allowed.some((entry) => {
    const root = (isAbsolute(entry) ? `path:${entry}` : entry).replace(/\/+$/, "");
    return (
      text === root ||
      (text.startsWith(root) && (/[/@:]$/.test(root) || /^[/@:]/.test(text.slice(root.length))))
    );
  });
}
