import { BerthError } from "@berth/base";
import { invalidReference } from "./oci-error.ts";

/** An image's name, with every default written out. */
export interface Reference {
  /** Host of the registry: docker.io, localhost:5000. */
  readonly domain: string;
  /** library/busybox. */
  readonly path: string;
  readonly tag?: string;
  /** sha256:… */
  readonly digest?: string;
}

const defaultDomain = "docker.io";
const pathPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const domainPattern =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const maxNameLength = 255;

/** Reads a name as people write it: `busybox` is docker.io/library/busybox:latest. */
export function parseReference(text: string): Reference {
  const [nameAndTag = "", digest, ...more] = text.split("@");
  const slash = nameAndTag.indexOf("/");
  const first = slash < 0 ? "" : nameAndTag.slice(0, slash);
  const hasDomain = first.includes(".") || first.includes(":") || first === "localhost";
  const domain = hasDomain ? first : defaultDomain;
  const rest = hasDomain ? nameAndTag.slice(slash + 1) : nameAndTag;
  const colon = rest.lastIndexOf(":");
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  const path = domain === defaultDomain && !name.includes("/") ? `library/${name}` : name;

  const wrong = [
    ...(more.length > 0 ? ["it has more than one @"] : []),
    ...(domainPattern.test(domain) ? [] : [`"${domain}" is no registry host`]),
    ...(pathPattern.test(path) && path.length <= maxNameLength ? [] : [`"${name}" is no repository name`]),
    ...(tag === undefined || tagPattern.test(tag) ? [] : [`"${tag}" is no tag`]),
    ...(digest === undefined || digestPattern.test(digest) ? [] : [`"${digest}" is no sha256 digest`]),
  ];
  if (wrong.length > 0) {
    throw new BerthError(invalidReference, `image name "${text}" cannot be read: ${wrong[0]}`);
  }
  const withTag = tag ?? (digest === undefined ? "latest" : undefined);
  return {
    domain,
    path,
    ...(withTag !== undefined && { tag: withTag }),
    ...(digest !== undefined && { digest }),
  };
}

export function formatReference(reference: Reference): string {
  const { domain, path, tag, digest } = reference;
  return `${domain}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The one spelling under which an image is stored. */
export function normalizeReference(text: string): string {
  return formatReference(parseReference(text));
}

/** docker.io/library/busybox@sha256:… for an image known by name and digest. */
export function digestReference(reference: Reference, digest: string): string {
  return `${reference.domain}/${reference.path}@${digest}`;
}
