import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BerthError, errorMessage } from "@berth/base";
import type { RuntimeHandler, Runtimes } from "../../pluginhost/contracts/index.ts";
import { kubeletRequestError } from "../errors.ts";

export interface ImportedImage {
  readonly reference: string;
  readonly imageId: string;
  /** Runtime handler whose plugin took it. */
  readonly handler: string;
}

/** Bytes of an archive; more than any sensible image, less than would fill a disk unnoticed. */
const archiveLimit = 16 * 1024 ** 3;
const chunkBytes = 512 * 1024;

/**
 * Gives an image archive to every runtime plugin of the node that takes archives. The archive is spooled to disk
 * first: it comes once and may go to many. Throws kubeletRequestError.
 */
export class ImageImport {
  readonly #runtimes: Runtimes;
  readonly #folder: string;
  #sequence = 0;

  constructor(parts: { runtimes: Runtimes; folder: string }) {
    this.#runtimes = parts.runtimes;
    this.#folder = parts.folder;
  }

  async run(archive: Readable, defaultReference: string | undefined): Promise<ImportedImage[]> {
    const takers = this.#takers();
    if (takers.length === 0) {
      throw new BerthError(
        kubeletRequestError,
        "no runtime of this node takes image archives now; wait until one is ready",
      );
    }
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const spool = join(this.#folder, `import-${process.pid}-${this.#sequence++}.tar`);
    try {
      await pipeline(archive, limited, createWriteStream(spool, { mode: 0o600 }));
      const images: ImportedImage[] = [];
      for (const handler of takers) images.push(...(await importInto(handler, spool, defaultReference)));
      return images;
    } finally {
      await rm(spool, { force: true });
    }
  }

  /** One handler of each plugin. */
  #takers(): RuntimeHandler[] {
    const able = this.#runtimes.list().filter((handler) => handler.ready && handler.archive);
    return [...new Map(able.map((handler) => [handler.plugin, handler])).values()];
  }
}

async function importInto(
  handler: RuntimeHandler,
  spool: string,
  defaultReference: string | undefined,
): Promise<ImportedImage[]> {
  const chunks = createReadStream(spool, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
  try {
    const answer = await handler.archive!.importImage(chunks, defaultReference ? { defaultReference } : {});
    return answer.images.map((image) => ({
      reference: image.reference,
      imageId: image.image_id,
      handler: handler.name,
    }));
  } catch (error) {
    throw new BerthError(
      kubeletRequestError,
      `${handler.plugin} did not take the image archive: ${errorMessage(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function* limited(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > archiveLimit)
      throw new BerthError(kubeletRequestError, `the image archive is larger than ${archiveLimit} bytes`);
    yield chunk;
  }
}
