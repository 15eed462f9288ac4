import { randomUUID } from "node:crypto";
import { type ContainerdClient, ignoringNotFound, isContainerdError } from "@berth/containerd";
import { chainIds, type Descriptor, type ImageConfig, type ImageManifest } from "@berth/oci";

/**
 * Turns an image's layers into snapshots, lowest first, and returns the name of the top one. What is unpacked already is
 * left as it is. Until {@link referenceContent} has tied them to the image they live by the lease.
 */
export async function unpackLayers(
  containerd: ContainerdClient,
  options: { manifest: ImageManifest; config: ImageConfig; snapshotter: string; lease: string },
): Promise<string> {
  const { manifest, config, snapshotter, lease } = options;
  const chain = chainIds(config.rootfs.diff_ids);
  if (chain.length !== manifest.layers.length) {
    throw new Error(
      `image ${manifest.config.digest} has ${manifest.layers.length} layers but ${chain.length} diff ids`,
    );
  }
  let parent = "";
  for (const [position, name] of chain.entries()) {
    if (!(await isUnpacked(containerd, snapshotter, name, lease))) {
      await unpackLayer(containerd, { layer: manifest.layers[position]!, name, parent, snapshotter, lease });
    }
    parent = name;
  }
  return parent;
}

async function isUnpacked(
  containerd: ContainerdClient,
  snapshotter: string,
  name: string,
  lease: string,
): Promise<boolean> {
  const found = await ignoringNotFound(containerd.snapshots.stat({ snapshotter, key: name }));
  if (!found) return false;
  await containerd.leases.addResource({
    id: lease,
    resource: { id: name, type: `snapshots/${snapshotter}` },
  });
  return true;
}

async function unpackLayer(
  containerd: ContainerdClient,
  options: { layer: Descriptor; name: string; parent: string; snapshotter: string; lease: string },
): Promise<void> {
  const { layer, name, parent, snapshotter, lease } = options;
  const key = `berth-unpack-${randomUUID()}`;
  const { mounts } = await containerd.snapshots.prepare({ snapshotter, key, parent }, { lease });
  try {
    const diff = { media_type: layer.mediaType, digest: layer.digest, size: String(layer.size) };
    const { applied } = await containerd.diff.apply({ diff, mounts }, { lease, deadlineMs: 0 });
    await containerd.snapshots.commit({ snapshotter, name, key }, { lease });
    await containerd.content.setLabels(layer.digest, { "containerd.io/uncompressed": applied?.digest ?? "" });
  } catch (error) {
    await ignoringNotFound(containerd.snapshots.remove({ snapshotter, key }));
    // Another import of the same layer was faster.
    if (!isContainerdError(error, "ALREADY_EXISTS")) throw error;
  }
}

/** Ties blobs and snapshots to the manifest, so that they live exactly as long as an image names it. */
export async function referenceContent(
  containerd: ContainerdClient,
  options: { target: Descriptor; manifest: ImageManifest; snapshotter: string; top: string },
): Promise<void> {
  const { target, manifest, snapshotter, top } = options;
  await containerd.content.setLabels(target.digest, {
    "containerd.io/gc.ref.content.config": manifest.config.digest,
    ...Object.fromEntries(
      manifest.layers.map((layer, position) => [`containerd.io/gc.ref.content.l.${position}`, layer.digest]),
    ),
  });
  await containerd.content.setLabels(manifest.config.digest, {
    [`containerd.io/gc.ref.snapshot.${snapshotter}`]: top,
  });
}
