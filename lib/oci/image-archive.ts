import { BerthError, errorMessage } from "@berth/base";
import { type ArchiveContents, type BlobSink, readArchiveContents } from "./archive-contents.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  mediaType,
} from "./image-types.ts";
import { invalidArchive } from "./oci-error.ts";
import { chooseManifest, ownPlatform } from "./platform.ts";
import { normalizeReference } from "./reference.ts";

/** An image found in an archive, all its blobs written to the sink. */
export interface ArchiveImage {
  /** Normalised. */
  readonly references: readonly string[];
  /** Of the manifest for this machine's platform. */
  readonly target: Descriptor;
  readonly manifest: ImageManifest;
}

/**
 * Reads a tar archive, plain or gzipped, in OCI layout or in docker's format, and writes its blobs as they come.
 * Throws {@link invalidArchive} when it is cut short, when a digest does not hold or when nothing names an image:
 * the caller then drops what the sink got.
 */
export async function readImageArchive(
  bytes: AsyncIterable<Uint8Array>,
  sink: BlobSink,
  options: { defaultReference?: string } = {},
): Promise<ArchiveImage[]> {
  const contents = await readArchiveContents(bytes, sink);
  const index = contents.documents.get("index.json");
  const images = index
    ? await readLayout(contents, sink, parse(index, "index.json") as ImageIndex, options.defaultReference)
    : await readDockerArchive(contents, sink, options.defaultReference);
  if (images.length === 0)
    throw new BerthError(invalidArchive, "the archive names no image for this platform");
  return images;
}

async function readLayout(
  contents: ArchiveContents,
  sink: BlobSink,
  index: ImageIndex,
  defaultReference: string | undefined,
): Promise<ArchiveImage[]> {
  const images: ArchiveImage[] = [];
  for (const entry of index.manifests) {
    const target = await findManifest(contents, sink, entry);
    if (!target) continue;
    const manifest = (await readDocument(contents, sink, target, "manifest")) as ImageManifest;
    for (const part of [manifest.config, ...manifest.layers]) requireBlob(contents, part, target.digest);
    images.push({ target, manifest, references: [referenceOf(entry, defaultReference)] });
  }
  return images;
}

/** Follows nested indexes down to the manifest for this machine. */
async function findManifest(
  contents: ArchiveContents,
  sink: BlobSink,
  entry: Descriptor,
  depth = 0,
): Promise<Descriptor | undefined> {
  if (!isIndexType(entry.mediaType)) {
    requireBlob(contents, entry, "index.json");
    return entry;
  }
  if (depth > 3) throw new BerthError(invalidArchive, `index ${entry.digest} is nested too deeply`);
  const index = (await readDocument(contents, sink, entry, "index")) as ImageIndex;
  const chosen = chooseManifest(index.manifests, ownPlatform());
  return chosen && findManifest(contents, sink, chosen, depth + 1);
}

async function readDocument(
  contents: ArchiveContents,
  sink: BlobSink,
  descriptor: Descriptor,
  what: string,
): Promise<unknown> {
  requireBlob(contents, descriptor, "index.json");
  return parse(await sink.read(descriptor.digest), `${what} ${descriptor.digest}`);
}

function requireBlob(contents: ArchiveContents, descriptor: Descriptor, namedBy: string): void {
  const size = contents.blobs.get(descriptor.digest);
  if (size === undefined) {
    throw new BerthError(
      invalidArchive,
      `the archive is cut short: it lacks ${descriptor.digest}, which ${namedBy} names`,
    );
  }
  if (size !== descriptor.size) {
    throw new BerthError(
      invalidArchive,
      `${descriptor.digest} has ${size} bytes where ${namedBy} says ${descriptor.size}`,
    );
  }
}

function referenceOf(entry: Descriptor, defaultReference: string | undefined): string {
  const full = entry.annotations?.["io.containerd.image.name"];
  const name = entry.annotations?.["org.opencontainers.image.ref.name"];
  // A bare tag, as skopeo writes it, names no repository.
  const chosen = full ?? (name !== undefined && /[/:]/.test(name) ? name : (defaultReference ?? name));
  if (chosen === undefined || chosen === "") {
    throw new BerthError(
      invalidArchive,
      `the archive does not name its image ${entry.digest}; give a reference`,
    );
  }
  return normalizeReference(chosen);
}

interface DockerEntry {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

async function readDockerArchive(
  contents: ArchiveContents,
  sink: BlobSink,
  defaultReference: string | undefined,
): Promise<ArchiveImage[]> {
  const bytes = contents.documents.get("manifest.json");
  if (!bytes) {
    throw new BerthError(
      invalidArchive,
      "the archive is cut short or no image: it has neither index.json nor manifest.json",
    );
  }
  const images: ArchiveImage[] = [];
  for (const entry of parse(bytes, "manifest.json") as DockerEntry[]) {
    const configBytes = contents.documents.get(entry.Config) ?? (await blobAt(contents, sink, entry.Config));
    const config = parse(configBytes, entry.Config) as ImageConfig;
    const layers = entry.Layers.map((path, position) =>
      layerAt(contents, path, config.rootfs.diff_ids[position]),
    );
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: mediaType.manifest,
      config: { mediaType: mediaType.config, ...(await sink.write([configBytes], {})) },
      layers,
    };
    const target = { mediaType: mediaType.manifest, ...(await sink.write([encode(manifest)], {})) };
    const names = entry.RepoTags?.length
      ? entry.RepoTags
      : defaultReference === undefined
        ? []
        : [defaultReference];
    if (names.length === 0) {
      throw new BerthError(
        invalidArchive,
        `the archive does not name its image ${entry.Config}; give a reference`,
      );
    }
    images.push({ target, manifest, references: names.map(normalizeReference) });
  }
  return images;
}

async function blobAt(contents: ArchiveContents, sink: BlobSink, path: string): Promise<Uint8Array> {
  const found = contents.files.get(path);
  if (!found) throw new BerthError(invalidArchive, `the archive is cut short: it lacks ${path}`);
  return sink.read(found.digest);
}

function layerAt(contents: ArchiveContents, path: string, diffId: string | undefined): Descriptor {
  const found = contents.files.get(path);
  if (!found) throw new BerthError(invalidArchive, `the archive is cut short: it lacks ${path}`);
  if (found.digest !== diffId && !found.gzipped) {
    throw new BerthError(invalidArchive, `layer ${path} hashes to ${found.digest}, its image says ${diffId}`);
  }
  return {
    mediaType: found.gzipped ? `${mediaType.layer}+gzip` : mediaType.layer,
    digest: found.digest,
    size: found.size,
  };
}

function encode(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}

function parse(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
  } catch (error) {
    throw new BerthError(invalidArchive, `${what} is not JSON: ${errorMessage(error)}`, { cause: error });
  }
}
