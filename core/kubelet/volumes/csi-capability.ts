import type { VolumeCapability } from "@berth/proto/generated/csi/csi/v1/VolumeCapability.ts";

type AccessMode = NonNullable<NonNullable<VolumeCapability["access_mode"]>["mode"]>;

/** How a claim's access modes read in the words of CSI. */
export function csiAccessMode(modes: readonly string[], nodeCapabilities: ReadonlySet<string>): AccessMode {
  const fine = nodeCapabilities.has("SINGLE_NODE_MULTI_WRITER");
  if (modes.includes("ReadWriteMany")) return "MULTI_NODE_MULTI_WRITER";
  if (modes.includes("ReadWriteOnce")) return fine ? "SINGLE_NODE_MULTI_WRITER" : "SINGLE_NODE_WRITER";
  if (modes.includes("ReadWriteOncePod")) return fine ? "SINGLE_NODE_SINGLE_WRITER" : "SINGLE_NODE_WRITER";
  return modes.includes("ReadOnlyMany") ? "MULTI_NODE_READER_ONLY" : "SINGLE_NODE_WRITER";
}

/** A mounted file system with the options of the volume. */
export function mountCapability(
  volume: { fsType?: string | undefined; mountOptions: readonly string[]; accessModes: readonly string[] },
  node: { capabilities: ReadonlySet<string>; fsGroup: number | undefined },
): VolumeCapability {
  const ownGroup = node.fsGroup !== undefined && node.capabilities.has("VOLUME_MOUNT_GROUP");
  return {
    mount: {
      fs_type: volume.fsType ?? "",
      mount_flags: [...volume.mountOptions],
      ...(ownGroup ? { volume_mount_group: String(node.fsGroup) } : {}),
    },
    access_mode: { mode: csiAccessMode(volume.accessModes, node.capabilities) },
  };
}
