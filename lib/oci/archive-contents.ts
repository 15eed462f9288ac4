import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { BerthError, errorMessage, isBerthError } from "@berth/base";
import { extract, type Header } from "tar-stream";
import { invalidArchive } from "./oci-error.ts";

/** Where the blobs of an archive go: a content store. */
export interface BlobSink {
  /** Stores bytes; refuses them when `expected` is given and they hash to something else. */
  write(
    bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: { expected?: string; size?: number },
  ): Promise<{ digest: string; size: number }>;
  /** A small document that was written before. */
  read(digest: string): Promise<Uint8Array>;
}

interface StoredFile {
  digest: string;
  size: number;
  gzipped: boolean;
}

export interface ArchiveContents {
  /** Small JSON files outside blobs/, by path. */
  documents: Map<string, Uint8Array>;
  /** Bytes of each blob of an OCI layout, by digest. */
  blobs: Map<string, number>;
  /** Other files and links, by path: the layers of docker's format. */
  files: Map<string, StoredFile>;
}

const maxDocumentBytes = 8 * 1024 * 1024;
const maxEntries = 100_000;
const blobPath = /^blobs\/sha256\/([0-9a-f]{64})$/;
const gzipMagic = [0x1f, 0x8b];

/** One pass over the archive: nothing but small documents is held in memory, nothing is written to a folder. */
export async function readArchiveContents(
  bytes: AsyncIterable<Uint8Array>,
  sink: BlobSink,
): Promise<ArchiveContents> {
  const contents: ArchiveContents = { documents: new Map(), blobs: new Map(), files: new Map() };
  const links: { path: string; target: string }[] = [];
  const tar = extract();
  const feeding = feed(bytes, tar);
  // The reading side reports the failure; this keeps it from being reported twice, as unhandled.
  feeding.catch(() => undefined);
  try {
    let entries = 0;
    for await (const entry of tar) {
      if (++entries > maxEntries) {
        throw new BerthError(invalidArchive, `the archive has more than ${maxEntries} files`);
      }
      await takeEntry(entry.header, entry as AsyncIterable<Uint8Array>, { contents, links, sink });
      entry.resume();
    }
    await feeding;
  } catch (error) {
    tar.destroy();
    if (isBerthError(error)) throw error;
    throw new BerthError(invalidArchive, `the archive cannot be read to its end: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  for (const { path, target } of links) {
    const file = contents.files.get(target);
    if (file) contents.files.set(path, file);
  }
  return contents;
}

async function takeEntry(
  header: Header,
  body: AsyncIterable<Uint8Array>,
  into: { contents: ArchiveContents; links: { path: string; target: string }[]; sink: BlobSink },
): Promise<void> {
  const { contents, links, sink } = into;
  const path = header.name.replace(/^\.\//, "");
  const size = header.size ?? 0;
  if (header.type === "symlink" || header.type === "link") {
    links.push({ path, target: linkTarget(path, header.linkname ?? "", header.type) });
    return;
  }
  if (header.type !== "file") return;
  const hex = blobPath.exec(path)?.[1];
  if (hex !== undefined) {
    const digest = `sha256:${hex}`;
    await sink.write(body, { expected: digest, size });
    contents.blobs.set(digest, size);
    contents.files.set(path, { digest, size, gzipped: false });
  } else if (isDocument(path)) {
    if (size > maxDocumentBytes)
      throw new BerthError(invalidArchive, `${path} has ${size} bytes, too many for JSON`);
    contents.documents.set(path, await collect(body));
  } else if (path !== "oci-layout" && path !== "VERSION" && !path.endsWith("/VERSION")) {
    const seen = { first: Buffer.alloc(0) };
    const stored = await sink.write(rememberStart(body, seen), { size });
    contents.files.set(path, { ...stored, gzipped: gzipMagic.every((byte, at) => seen.first[at] === byte) });
  }
}

function isDocument(path: string): boolean {
  return path.endsWith(".json") || path === "repositories" || path.endsWith("/json");
}

function linkTarget(path: string, target: string, type: "symlink" | "link"): string {
  if (type === "link") return target.replace(/^\.\//, "");
  const folder = path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") folder.pop();
    else if (part !== "." && part !== "") folder.push(part);
  }
  return folder.join("/");
}

async function* rememberStart(
  body: AsyncIterable<Uint8Array>,
  seen: { first: Buffer },
): AsyncGenerator<Uint8Array> {
  for await (const part of body) {
    if (seen.first.length < gzipMagic.length) seen.first = Buffer.concat([seen.first, part.subarray(0, 2)]);
    yield part;
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** Pumps the bytes into the tar reader, through gunzip when they begin like a gzip file. */
async function feed(bytes: AsyncIterable<Uint8Array>, tar: ReturnType<typeof extract>): Promise<void> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  const start = first.done ? Buffer.alloc(0) : first.value;
  const whole = Readable.from(
    (async function* () {
      if (start.length > 0) yield start;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    })(),
    { objectMode: false },
  );
  const sink = tar as unknown as NodeJS.WritableStream;
  if (gzipMagic.every((byte, at) => start[at] === byte)) await pipeline(whole, createGunzip(), sink);
  else await pipeline(whole, sink);
}
