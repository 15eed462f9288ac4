import { randomUUID } from "node:crypto";
import { readImageArchive, type BlobSink } from "@berth/oci";
import type { ImageConfig } from "@berth/oci";
import type { ImageStore } from "./image-store.ts";
import { referenceContent, unpackLayers } from "./unpack.ts";

export interface ImportedImage {
  reference: string;
  imageId: string;
  sizeBytes: number;
}

/**
 * Reads an archive and creates every image it names, all or none: names are given only after every blob is there and
 * unpacked, and a failure drops the lease that kept the rest alive.
 */
export async function importImages(
  images: ImageStore,
  options: { snapshotter: string; bytes: AsyncIterable<Uint8Array>; defaultReference?: string },
): Promise<ImportedImage[]> {
  const { containerd } = images;
  return containerd.withLease(async (lease) => {
    const sink: BlobSink = {
      async write(bytes, blob) {
        const source = unclosed(bytes);
        const ref = `berth-import-${randomUUID()}`;
        const written = await containerd.content.write(source, { ...blob, lease, ref });
        // A blob that is there already, or arrives meanwhile from another import, is not read to its end, and the
        // archive goes on only behind it.
        for await (const _ of source);
        return written;
      },
      read: (digest) => containerd.content.readAll(digest),
    };
    const found = await readImageArchive(options.bytes, sink, options);
    for (const { manifest, target } of found) {
      const config = JSON.parse(
        (await containerd.content.readAll(manifest.config.digest)).toString(),
      ) as ImageConfig;
      const { snapshotter } = options;
      const top = await unpackLayers(containerd, { manifest, config, snapshotter, lease });
      await referenceContent(containerd, { target, manifest, snapshotter, top });
    }
    const imported: ImportedImage[] = [];
    for (const { references, manifest, target } of found) {
      for (const reference of references) {
        await images.tag(reference, target);
        const sizeBytes = [manifest.config, ...manifest.layers].reduce((sum, part) => sum + part.size, 0);
        imported.push({ reference, imageId: manifest.config.digest, sizeBytes });
      }
    }
    return imported;
  });
}

/** The same bytes, which a reader that stops early does not close: the next one reads on where it stopped. */
function unclosed(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const iterator = toAsync(bytes);
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}

async function* toAsync(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}
