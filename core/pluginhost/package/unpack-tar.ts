import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { BerthError, errorMessage, isBerthError } from "@berth/base";
import { extract } from "tar-stream";
import { badSource } from "../errors.ts";

const limits = { files: 20_000, bytes: 2 * 1024 ** 3 };
const gzipMagic = [0x1f, 0x8b];

/**
 * Writes the files of a tar archive, gzipped or not, below `folder`; `place` answers where, relative to it, or undefined
 * to leave a file out. Nothing else than files and folders may be in it, and nothing may leave the folder.
 */
export async function unpackTar(
  bytes: AsyncIterable<Uint8Array>,
  folder: string,
  what: string,
  place: (path: string) => string | undefined = (path) => path,
): Promise<void> {
  const tar = extract();
  const feeding = feed(bytes, tar);
  // The reading side reports the failure.
  feeding.catch(() => undefined);
  let [files, total] = [0, 0];
  try {
    for await (const entry of tar) {
      const { name, type, size, mode } = entry.header;
      if (type === "file") {
        total += size;
        if (++files > limits.files || total > limits.bytes) throw tooLarge(what);
        const path = place(safePath(name, what));
        if (path === undefined) entry.resume();
        else await write(entry as AsyncIterable<Uint8Array>, join(folder, path), mode);
        continue;
      }
      entry.resume();
      if (type !== "directory")
        throw new BerthError(badSource, `${what} holds ${name}, a ${type}; a package may hold files only`);
    }
    await feeding;
  } catch (error) {
    tar.destroy();
    if (isBerthError(error)) throw error;
    throw new BerthError(badSource, `${what} cannot be read to its end: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/** Relative, with forward slashes and no way out. Throws {@link badSource}. */
export function safePath(name: string, what: string): string {
  const parts = name.split("/").filter((part) => part !== "." && part !== "");
  if (name.startsWith("/") || name.includes("\0") || parts.includes("..") || parts.length === 0)
    throw new BerthError(badSource, `${what} holds ${JSON.stringify(name)}, a path that leaves the package`);
  return parts.join("/");
}

async function write(entry: AsyncIterable<Uint8Array>, path: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const isExecutable = (mode & 0o111) !== 0;
  await pipeline(entry, createWriteStream(path, { flags: "w", mode: isExecutable ? 0o755 : 0o644 }));
}

function tooLarge(what: string): BerthError {
  return new BerthError(badSource, `${what} holds more than ${limits.files} files or ${limits.bytes} bytes`);
}

async function feed(bytes: AsyncIterable<Uint8Array>, tar: ReturnType<typeof extract>): Promise<void> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  const start = first.done ? Buffer.alloc(0) : Buffer.from(first.value);
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
