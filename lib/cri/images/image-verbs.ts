import { readMounts } from "@berth/linux";
import { normalizeReference } from "@berth/oci";
import type { AuthConfig__Output } from "@berth/proto/generated/cri/runtime/v1/AuthConfig.ts";
import type { Image } from "@berth/proto/generated/cri/runtime/v1/Image.ts";
import type { ImageFsInfoResponse } from "@berth/proto/generated/cri/runtime/v1/ImageFsInfoResponse.ts";
import type { ImageStatusRequest__Output } from "@berth/proto/generated/cri/runtime/v1/ImageStatusRequest.ts";
import type { ImageStatusResponse } from "@berth/proto/generated/cri/runtime/v1/ImageStatusResponse.ts";
import type { ListImagesRequest__Output } from "@berth/proto/generated/cri/runtime/v1/ListImagesRequest.ts";
import type { ListImagesResponse } from "@berth/proto/generated/cri/runtime/v1/ListImagesResponse.ts";
import type { PullImageRequest__Output } from "@berth/proto/generated/cri/runtime/v1/PullImageRequest.ts";
import type { PullImageResponse } from "@berth/proto/generated/cri/runtime/v1/PullImageResponse.ts";
import type { RemoveImageRequest__Output } from "@berth/proto/generated/cri/runtime/v1/RemoveImageRequest.ts";
import type { RemoveImageResponse } from "@berth/proto/generated/cri/runtime/v1/RemoveImageResponse.ts";
import type { Call } from "@berth/sdk";
import { nowNanos } from "../records.ts";
import type { ImageStore, StoredImage } from "./image-store.ts";

/** Fetches an image from its registry; returns its id. */
export interface ImagePuller {
  pull(
    reference: string,
    auth: AuthConfig__Output | null,
    call: { signal: AbortSignal; progress(): void },
  ): Promise<string>;
}

/** CRI ImageService. */
export class ImageVerbs {
  readonly #images: ImageStore;
  readonly #puller: ImagePuller;
  readonly #snapshotter: string;

  constructor(images: ImageStore, puller: ImagePuller, snapshotter: string) {
    this.#images = images;
    this.#puller = puller;
    this.#snapshotter = snapshotter;
  }

  async listImages(request: ListImagesRequest__Output): Promise<ListImagesResponse> {
    const name = request.filter?.image?.image ?? "";
    if (name === "") return { images: (await this.#images.list()).map(toCriImage) };
    const found = await this.#images.find(name);
    return { images: found ? [toCriImage(found)] : [] };
  }

  /** An absent image is no error: the answer has none. */
  async imageStatus(request: ImageStatusRequest__Output): Promise<ImageStatusResponse> {
    const found = await this.#images.find(request.image?.image ?? "");
    if (!found) return {};
    return {
      image: toCriImage(found),
      info: request.verbose ? { imageSpec: JSON.stringify(found.config) } : {},
    };
  }

  async pullImage(request: PullImageRequest__Output, call: Call): Promise<PullImageResponse> {
    const reference = normalizeReference(request.image?.image ?? "");
    return { image_ref: await this.#puller.pull(reference, request.auth, call) };
  }

  async removeImage(request: RemoveImageRequest__Output): Promise<RemoveImageResponse> {
    await this.#images.remove(request.image?.image ?? "");
    return {};
  }

  async imageFsInfo(): Promise<ImageFsInfoResponse> {
    const { containerd } = this.#images;
    let bytes = 0n;
    let inodes = 0n;
    for await (const key of snapshotKeys(this.#images, this.#snapshotter)) {
      const usage = await containerd.snapshots.usage({ snapshotter: this.#snapshotter, key });
      bytes += BigInt(usage.size);
      inodes += BigInt(usage.inodes);
    }
    const usage = {
      timestamp: nowNanos(),
      fs_id: { mountpoint: await snapshotterRoot(this.#images, this.#snapshotter) },
      used_bytes: { value: String(bytes) },
      inodes_used: { value: String(inodes) },
    };
    return { image_filesystems: [usage], container_filesystems: [usage] };
  }
}

export function toCriImage(image: StoredImage): Image {
  const user = image.config.config?.User ?? "";
  const uid = /^(\d+)(?::|$)/.exec(user)?.[1];
  return {
    id: image.id,
    repo_tags: [...image.tags],
    repo_digests: [...image.digests],
    size: image.size,
    uid: uid === undefined ? null : { value: uid },
    username: uid === undefined ? (user.split(":")[0] ?? "") : "",
    spec: { image: image.tags[0] ?? image.id },
  };
}

async function* snapshotKeys(images: ImageStore, snapshotter: string): AsyncGenerator<string> {
  const stream = images.containerd.connection.serverStream<{ info: { name: string }[] }>(
    "containerd.services.snapshots.v1.Snapshots",
    "List",
    { snapshotter },
  );
  for await (const page of stream as AsyncIterable<{ info: { name: string }[] }>) {
    for (const { name } of page.info) yield name;
  }
}

/** Mount point of the file system that holds the snapshots. */
async function snapshotterRoot(images: ImageStore, snapshotter: string): Promise<string> {
  const { plugins } = await images.containerd.introspection.plugins({
    filters: [`type==io.containerd.snapshotter.v1,id==${snapshotter}`],
  });
  const root = plugins[0]?.exports["root"] ?? "/";
  const holding = readMounts()
    .filter(({ target }) => `${root}/`.startsWith(target === "/" ? "/" : `${target}/`))
    .toSorted((a, b) => b.target.length - a.target.length);
  return holding[0]?.target ?? "/";
}
