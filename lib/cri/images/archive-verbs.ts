import { BerthError } from "@berth/base";
import { invalidArchive } from "@berth/oci";
import type { ImportImageRequest__Output } from "@berth/proto/generated/archive/berth/cri/v1/ImportImageRequest.ts";
import type { ImportImageResponse } from "@berth/proto/generated/archive/berth/cri/v1/ImportImageResponse.ts";
import type { Call } from "@berth/sdk";
import { importImages } from "./import-images.ts";
import type { ImageStore } from "./image-store.ts";

/** berth.cri.v1.Archive. */
export class ArchiveVerbs {
  readonly #images: ImageStore;
  readonly #snapshotter: string;

  constructor(images: ImageStore, snapshotter: string) {
    this.#images = images;
    this.#snapshotter = snapshotter;
  }

  async importImage(
    requests: AsyncIterable<ImportImageRequest__Output>,
    call: Call,
  ): Promise<ImportImageResponse> {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done || !first.value.options) {
      throw new BerthError(invalidArchive, "the first message of an import carries its options");
    }
    const { default_reference: defaultReference } = first.value.options;
    const imported = await importImages(this.#images, {
      snapshotter: this.#snapshotter,
      bytes: chunks(iterator, call),
      ...(defaultReference !== "" && { defaultReference }),
    });
    return {
      images: imported.map(({ reference, imageId, sizeBytes }) => ({
        reference,
        image_id: imageId,
        size_bytes: sizeBytes,
      })),
    };
  }
}

async function* chunks(
  iterator: AsyncIterator<ImportImageRequest__Output>,
  call: Call,
): AsyncGenerator<Uint8Array> {
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    call.progress();
    if (next.value.chunk) yield next.value.chunk;
  }
}
