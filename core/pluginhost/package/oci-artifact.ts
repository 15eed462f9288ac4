import { createWriteStream } from "node:fs";
import { chmod, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { BerthError, errorMessage, isBerthError } from "@berth/base";
import { RegistryClient, type RegistryLogin } from "@berth/cri/images/registry-client.ts";
import {
  chooseManifest,
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  ownPlatform,
  parseReference,
  sha256,
} from "@berth/oci";
import { badSource } from "../errors.ts";
import { verified } from "./fetch-bytes.ts";
import { safePath, unpackTar } from "./unpack-tar.ts";

/** As ORAS writes it: the name of a layer that is one file, or of the folder that it was. */
const title = "org.opencontainers.image.title";
const unpack = "io.deis.oras.content.unpack";

/**
 * Lays an OCI artifact or image out in a folder: its layers one over the other, each a tar (gzipped or not) or, where it
 * is titled and no tar, one file. One folder around everything, as `oras push` of a folder makes it, is taken away.
 */
export async function layOci(
  reference: string,
  folder: string,
  { signal, login }: { signal: AbortSignal; login: RegistryLogin | undefined },
): Promise<void> {
  const named = parseReference(reference);
  const client = new RegistryClient(named, login, signal);
  try {
    const { layers } = await readManifest(client, named.digest ?? named.tag!);
    if (layers.length === 0) throw new BerthError(badSource, `artifact ${reference} has no layers`);
    for (const layer of layers) await layLayer(client, layer, folder, reference);
  } catch (error) {
    if (isBerthError(error) && error.definition.code === badSource.code) throw error;
    throw new BerthError(badSource, `artifact ${reference} cannot be fetched: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  await liftOnlyFolder(folder);
}

async function readManifest(client: RegistryClient, name: string): Promise<ImageManifest> {
  const { bytes, type } = await client.manifest(name);
  if (name.startsWith("sha256:") && sha256(bytes) !== name)
    throw new BerthError(badSource, `manifest ${name} came with ${sha256(bytes)}`);
  const document = JSON.parse(bytes.toString("utf8")) as ImageManifest | ImageIndex;
  if (!isIndexType(type)) return document as ImageManifest;
  const chosen = chooseManifest((document as ImageIndex).manifests, ownPlatform());
  if (!chosen) throw new BerthError(badSource, `index ${name} has nothing for ${ownPlatform().architecture}`);
  return readManifest(client, chosen.digest);
}

async function layLayer(
  client: RegistryClient,
  { digest, mediaType, annotations = {} }: Descriptor,
  folder: string,
  reference: string,
): Promise<void> {
  const what = `layer ${digest.slice(0, 19)} of ${reference}`;
  const bytes = verified(await client.blob(digest), digest, what);
  const name = annotations[title];
  if (/[.+]tar\b|[.+]t?gzip$/.test(mediaType) || annotations[unpack] === "true") {
    return unpackTar(bytes, folder, what);
  }
  if (name === undefined)
    throw new BerthError(
      badSource,
      `${what} is ${mediaType}, neither a tar nor named by the annotation ${title}`,
    );
  const path = join(folder, safePath(name, what));
  await mkdir(dirname(path), { recursive: true });
  await pipeline(bytes, createWriteStream(path));
  if (await isProgram(path)) await chmod(path, 0o755);
}

/** ORAS keeps no mode of a single file. One that a kernel could run begins so. */
async function isProgram(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  const begin = buffer.toString("latin1", 0, bytesRead);
  return begin === "\x7fELF" || begin.startsWith("#!");
}

async function liftOnlyFolder(folder: string): Promise<void> {
  const [only, ...others] = await readdir(folder, { withFileTypes: true });
  if (!only?.isDirectory() || others.length > 0) return;
  const aside = `${folder}.lifted`;
  await rename(join(folder, only.name), aside);
  await rm(folder, { recursive: true });
  await rename(aside, folder);
}
