import { createHash } from "node:crypto";
import { BerthError, errorMessage } from "@berth/base";
import { badSource } from "../errors.ts";

const largestDocument = 32 * 1024 ** 2;
const largestDownload = 1024 ** 3;

export interface FetchRequest {
  readonly signal: AbortSignal;
  /** Of the header; not sent on to another host. */
  readonly authorization: string | undefined;
}

/** JSON of a URL. Rejects with {@link badSource} naming the host and what it answered. */
export async function fetchJson(url: string, request: FetchRequest): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of await open(url, request)) {
    size += part.length;
    if (size > largestDocument)
      throw new BerthError(badSource, `${url} is larger than ${largestDocument} bytes`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    throw new BerthError(badSource, `${url} answered no JSON: ${errorMessage(error)}`);
  }
}

/** Where the bytes of a URL come from, with the limits of a download. */
export async function fetchBytes(url: string, request: FetchRequest): Promise<AsyncIterable<Uint8Array>> {
  return limited(await open(url, request), url);
}

/** Passes bytes on and rejects at their end unless they hash to `expected`, `sha512-<base64>` or `sha256:<hex>`. */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  expected: string,
  what: string,
): AsyncIterable<Uint8Array> {
  const [, algorithm = "", separator = ""] = /^(sha256|sha384|sha512)([-:])/.exec(expected) ?? [];
  if (algorithm === "")
    throw new BerthError(badSource, `${what} has no digest that can be checked: ${expected}`);
  const hash = createHash(algorithm);
  for await (const part of bytes) {
    hash.update(part);
    yield part;
  }
  const actual = `${algorithm}${separator}${hash.digest(separator === "-" ? "base64" : "hex")}`;
  if (actual !== expected)
    throw new BerthError(badSource, `${what} came with ${actual}, but ${expected} was announced`);
}

async function* limited(bytes: AsyncIterable<Uint8Array>, what: string): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > largestDownload)
      throw new BerthError(badSource, `${what} is larger than ${largestDownload} bytes`);
    yield part;
  }
}

async function open(
  url: string,
  { signal, authorization }: FetchRequest,
): Promise<AsyncIterable<Uint8Array>> {
  const { host, pathname } = new URL(url);
  let answer: Response;
  try {
    answer = await fetch(url, { signal, headers: authorization === undefined ? {} : { authorization } });
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new BerthError(badSource, `${host} cannot be reached: ${errorMessage(cause)}`, { cause: error });
  }
  if (answer.ok && answer.body) return answer.body;
  await answer.body?.cancel();
  const hint =
    answer.status === 401 && authorization === undefined
      ? "; it needs a login (pullSecret, or --npmrc of the node)"
      : "";
  throw new BerthError(badSource, `${host} answered ${answer.status} for ${pathname}${hint}`);
}
