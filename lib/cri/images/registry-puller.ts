import { BerthError } from "@berth/base";
import {
  chooseManifest,
  type Descriptor,
  digestReference,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  ownPlatform,
  parseReference,
  sha256,
} from "@berth/oci";
import type { AuthConfig__Output } from "@berth/proto/generated/cri/runtime/v1/AuthConfig.ts";
import { pullFailed } from "../cri-error.ts";
import type { ImageStore } from "./image-store.ts";
import type { ImagePuller } from "./image-verbs.ts";
import { RegistryClient, type RegistryLogin } from "./registry-client.ts";
import { referenceContent, unpackLayers } from "./unpack.ts";

type PullCall = Parameters<ImagePuller["pull"]>[2];

/** Pulls from registries that speak the OCI distribution API. What is there already is not fetched again. */
export class RegistryPuller implements ImagePuller {
  readonly #images: ImageStore;
  readonly #snapshotter: string;

  constructor(images: ImageStore, snapshotter: string) {
    this.#images = images;
    this.#snapshotter = snapshotter;
  }

  async pull(name: string, auth: AuthConfig__Output | null, call: PullCall): Promise<string> {
    const reference = parseReference(name);
    const registry = new RegistryClient(reference, loginOf(auth), call.signal);
    const { containerd } = this.#images;
    return containerd.withLease(async (lease) => {
      const target = await this.#fetchManifest(
        registry,
        reference.digest ?? reference.tag ?? "latest",
        lease,
        call,
      );
      const manifest = await this.#read<ImageManifest>(target.digest);
      for (const part of [manifest.config, ...manifest.layers])
        await this.#fetchBlob(registry, part, lease, call);
      const config = await this.#read<ImageConfig>(manifest.config.digest);
      const snapshotter = this.#snapshotter;
      const top = await unpackLayers(containerd, { manifest, config, snapshotter, lease });
      await referenceContent(containerd, { target, manifest, snapshotter, top });
      if (reference.tag !== undefined)
        await this.#images.tag(`${reference.domain}/${reference.path}:${reference.tag}`, target);
      await this.#images.tag(digestReference(reference, reference.digest ?? target.digest), target);
      return manifest.config.digest;
    });
  }

  /** Follows an index to this machine's manifest; every step is checked against the digest that named it. */
  async #fetchManifest(
    registry: RegistryClient,
    name: string,
    lease: string,
    call: PullCall,
  ): Promise<Descriptor> {
    const { bytes, type } = await registry.manifest(name);
    const digest = sha256(bytes);
    if (name.startsWith("sha256:") && name !== digest) {
      throw new BerthError(pullFailed, `the registry sent ${digest} for manifest ${name}`);
    }
    call.progress();
    if (isIndexType(type)) {
      const index = JSON.parse(bytes.toString("utf8")) as ImageIndex;
      const chosen = chooseManifest(index.manifests, ownPlatform());
      if (chosen) return this.#fetchManifest(registry, chosen.digest, lease, call);
      const { os, architecture } = ownPlatform();
      throw new BerthError(pullFailed, `image index ${digest} has nothing for ${os}/${architecture}`);
    }
    await this.#images.containerd.content.write(bytes, {
      ref: `berth-pull-${digest}`,
      expected: digest,
      lease,
    });
    return { mediaType: type, digest, size: bytes.length };
  }

  async #fetchBlob(registry: RegistryClient, part: Descriptor, lease: string, call: PullCall): Promise<void> {
    const { content } = this.#images.containerd;
    const present = await content.info(part.digest);
    const source = present ? Buffer.alloc(0) : await registry.blob(part.digest);
    await content.write(source, {
      ref: `berth-pull-${part.digest}`,
      expected: part.digest,
      size: part.size,
      lease,
      signal: call.signal,
      onProgress: () => call.progress(),
    });
  }

  async #read<T extends object>(digest: string): Promise<T> {
    return JSON.parse((await this.#images.containerd.content.readAll(digest)).toString("utf8")) as T;
  }
}

function loginOf(auth: AuthConfig__Output | null): RegistryLogin | undefined {
  if (!auth) return undefined;
  const [username = "", ...password] = auth.auth
    ? Buffer.from(auth.auth, "base64").toString("utf8").split(":")
    : [];
  return {
    username: auth.username || username,
    password: auth.password || password.join(":"),
    registryToken: auth.registry_token,
    identityToken: auth.identity_token,
  };
}
