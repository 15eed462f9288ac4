import { BerthError } from "@berth/base";
import { type ContainerdClient, ignoringNotFound, isContainerdError } from "@berth/containerd";
import {
  chooseManifest,
  type Descriptor,
  digestReference,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  normalizeReference,
  ownPlatform,
  parseReference,
} from "@berth/oci";
import { imageMissing } from "../cri-error.ts";

/** An image as CRI sees it: one configuration, any number of names. */
export interface StoredImage {
  /** sha256:… of the configuration. */
  readonly id: string;
  /** docker.io/library/busybox:1, sorted. */
  readonly tags: readonly string[];
  /** docker.io/library/busybox@sha256:…, sorted. */
  readonly digests: readonly string[];
  /** Bytes of configuration and layers as stored. */
  readonly size: number;
  readonly config: ImageConfig;
  readonly manifest: ImageManifest;
  /** Of the manifest. */
  readonly target: Descriptor;
}

interface Resolved {
  manifest: ImageManifest;
  config: ImageConfig;
}

/** Images by name and id, read from containerd. Documents are immutable, so they are read once per digest. */
export class ImageStore {
  readonly containerd: ContainerdClient;
  readonly #documents = new Map<string, Promise<Resolved>>();

  constructor(containerd: ContainerdClient) {
    this.containerd = containerd;
  }

  /** Every image whose documents are all there. */
  async list(): Promise<StoredImage[]> {
    const { images } = await this.containerd.images.list({});
    const byId = new Map<string, StoredImage>();
    for (const { name, target } of images) {
      if (!target) continue;
      const resolved = await this.#resolve({
        ...target,
        size: Number(target.size),
        mediaType: target.media_type,
      });
      if (!resolved) continue;
      const { manifest, config } = resolved;
      const id = manifest.config.digest;
      const known = byId.get(id);
      const names = name.includes("@")
        ? { digest: name }
        : { tag: name, digest: digestOf(name, target.digest) };
      byId.set(id, {
        id,
        tags: unique([...(known?.tags ?? []), names.tag]),
        digests: unique([...(known?.digests ?? []), names.digest]),
        size: [manifest.config, ...manifest.layers].reduce((sum, part) => sum + part.size, 0),
        config,
        manifest,
        target: known?.target ?? {
          mediaType: target.media_type,
          digest: target.digest,
          size: Number(target.size),
        },
      });
    }
    return [...byId.values()];
  }

  /** By any name: tag, digest, image id, with or without `sha256:`; undefined when absent. */
  async find(name: string): Promise<StoredImage | undefined> {
    const images = await this.list();
    const id = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(name)?.[1];
    const byId = id === undefined ? undefined : images.find((image) => image.id.startsWith(`sha256:${id}`));
    if (byId) return byId;
    const reference = parseReference(name);
    const wanted =
      reference.digest === undefined
        ? normalizeReference(name)
        : digestReference(reference, reference.digest);
    return images.find((image) => image.tags.includes(wanted) || image.digests.includes(wanted));
  }

  async require(name: string): Promise<StoredImage> {
    const image = await this.find(name);
    if (image) return image;
    throw new BerthError(imageMissing, `image ${name} is not on this node`);
  }

  /** Points a name at a manifest, whatever it pointed at before. */
  async tag(name: string, target: Descriptor): Promise<void> {
    const image = {
      name,
      target: { media_type: target.mediaType, digest: target.digest, size: String(target.size) },
    };
    try {
      await this.containerd.images.create({ image });
    } catch (error) {
      if (!isContainerdError(error, "ALREADY_EXISTS")) throw error;
      await this.containerd.images.update({ image, update_mask: { paths: ["target"] } });
    }
  }

  /** Removes an image with all its names; its content is collected before this resolves. Absent is fine. */
  async remove(name: string): Promise<void> {
    const image = await this.find(name);
    if (!image) return;
    const { images } = await this.containerd.images.list({});
    const own = [];
    for (const entry of images) {
      if (!entry.target) continue;
      const target = {
        mediaType: entry.target.media_type,
        digest: entry.target.digest,
        size: Number(entry.target.size),
      };
      const resolved = await this.#resolve(target);
      if (resolved?.manifest.config.digest === image.id) own.push(entry.name);
    }
    for (const [index, entry] of own.entries()) {
      await ignoringNotFound(this.containerd.images.delete({ name: entry, sync: index === own.length - 1 }));
    }
    this.#documents.delete(image.target.digest);
  }

  async #resolve(target: Descriptor): Promise<Resolved | undefined> {
    let found = this.#documents.get(target.digest);
    if (!found) {
      found = this.#read(target);
      this.#documents.set(target.digest, found);
    }
    try {
      return await found;
    } catch (error) {
      this.#documents.delete(target.digest);
      // An image whose content is not complete is not there yet, or not any more.
      if (isContainerdError(error, "NOT_FOUND")) return undefined;
      throw error;
    }
  }

  async #read(target: Descriptor): Promise<Resolved> {
    const { content } = this.containerd;
    let descriptor = target;
    for (let depth = 0; isIndexType(descriptor.mediaType) && depth < 4; depth++) {
      const index = JSON.parse((await content.readAll(descriptor.digest)).toString("utf8")) as ImageIndex;
      const chosen = chooseManifest(index.manifests, ownPlatform());
      if (!chosen)
        throw new BerthError(imageMissing, `${target.digest} has no image for this machine's platform`);
      descriptor = chosen;
    }
    const manifest = JSON.parse((await content.readAll(descriptor.digest)).toString("utf8")) as ImageManifest;
    const config = JSON.parse(
      (await content.readAll(manifest.config.digest)).toString("utf8"),
    ) as ImageConfig;
    return { manifest, config };
  }
}

function digestOf(name: string, digest: string): string {
  return digestReference(parseReference(name), digest);
}

function unique(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
