import type { CreateVolumeRequest } from "@berth/proto/generated/csi/csi/v1/CreateVolumeRequest.ts";
import type { Volume__Output } from "@berth/proto/generated/csi/csi/v1/Volume.ts";
import type { VolumeCapability } from "@berth/proto/generated/csi/csi/v1/VolumeCapability.ts";

import {
  canonicalQuantity,
  type PersistentVolume,
  type PersistentVolumeClaim,
  quantityValue,
  type StorageClass,
} from "../api/index.ts";
import { ownPrefix, type SecretReference, secretReference, type SecretUse } from "./secret-references.ts";

export const provisionedByAnnotation = "pv.kubernetes.io/provisioned-by";
/** Keeps a volume object until what it stands for is deleted too. */
export const provisionerFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";
/** Where the secret for deletion is noted, since the class may be gone by then. */
const deletionSecretName = "volume.kubernetes.io/provisioner-deletion-secret-name";
const deletionSecretNamespace = "volume.kubernetes.io/provisioner-deletion-secret-namespace";

/** Everything needed to make a volume, without any secret in it: it is written down before the driver is called. */
export interface VolumePlan {
  readonly driver: string;
  readonly claim: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly request: CreateVolumeRequest;
  readonly secret: SecretReference | undefined;
  /** The object to be, but for what only the driver can tell. */
  readonly volume: PersistentVolume;
}

export interface DriverFacts {
  readonly name: string;
  readonly pluginCapabilities: ReadonlySet<string>;
  readonly controllerCapabilities: ReadonlySet<string>;
  readonly topology: Readonly<Record<string, string>>;
}

/** @throws a sentence for the claim's event when it asks for what cannot be had */
export function planVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  driver: DriverFacts,
): VolumePlan {
  const { name, namespace = "", uid = "" } = claim.metadata;
  if (claim.spec.dataSource ?? claim.spec.dataSourceRef) {
    throw new Error("the claim names a data source; volumes are made empty here: remove spec.dataSource");
  }
  const volumeName = `pvc-${uid}`;
  const parameters = storageClass.parameters ?? {};
  const secret = (use: SecretUse): SecretReference | undefined =>
    secretReference(use, parameters, claim, volumeName);
  const provisioner = secret("provisioner");
  const fsType = parameters[`${ownPrefix}fstype`];
  const csi = {
    driver: driver.name,
    volumeHandle: "",
    ...(fsType !== undefined && { fsType }),
    ...withSecret("controllerPublishSecretRef", secret("controller-publish")),
    ...withSecret("nodeStageSecretRef", secret("node-stage")),
    ...withSecret("nodePublishSecretRef", secret("node-publish")),
    ...withSecret("controllerExpandSecretRef", secret("controller-expand")),
    ...withSecret("nodeExpandSecretRef", secret("node-expand")),
  };
  return {
    driver: driver.name,
    claim: { namespace, name, uid },
    secret: provisioner,
    request: {
      name: volumeName,
      capacity_range: { required_bytes: String(requestedBytes(claim)) },
      volume_capabilities: capabilitiesOf(claim, storageClass, driver.controllerCapabilities),
      parameters: Object.fromEntries(
        Object.entries(parameters).filter(([key]) => !key.startsWith(ownPrefix)),
      ),
      ...topologyRequirement(driver),
    },
    volume: {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: {
        name: volumeName,
        finalizers: [provisionerFinalizer],
        annotations: {
          [provisionedByAnnotation]: driver.name,
          ...(provisioner && {
            [deletionSecretName]: provisioner.name,
            [deletionSecretNamespace]: provisioner.namespace,
          }),
        },
      },
      spec: {
        accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
        volumeMode: claim.spec.volumeMode ?? "Filesystem",
        storageClassName: storageClass.metadata.name,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
        ...(storageClass.mountOptions && { mountOptions: storageClass.mountOptions }),
        claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
        csi,
      },
    },
  };
}

/** The volume object, with what the driver answered. */
export function madeVolume(plan: VolumePlan, made: Volume__Output): PersistentVolume {
  const { volume, request } = plan;
  const bytes = made.capacity_bytes === "0" ? request.capacity_range?.required_bytes : made.capacity_bytes;
  const attributes = made.volume_context;
  return {
    ...volume,
    spec: {
      ...volume.spec,
      capacity: { storage: readableBytes(Number(bytes)) },
      csi: {
        ...volume.spec.csi!,
        volumeHandle: made.volume_id,
        ...(Object.keys(attributes).length > 0 && { volumeAttributes: attributes }),
      },
      ...nodeAffinity(made.accessible_topology),
    },
  };
}

/** Secret noted at creation for the deletion. */
export function deletionSecret({ metadata }: PersistentVolume): SecretReference | undefined {
  const name = metadata.annotations?.[deletionSecretName];
  const namespace = metadata.annotations?.[deletionSecretNamespace];
  return name && namespace ? { name, namespace } : undefined;
}

export function requestedBytes({ spec }: PersistentVolumeClaim): number {
  return quantityValue(spec.resources?.requests?.["storage"] ?? "0");
}

/** `1073741824` is `1Gi`; what is no whole number of a binary unit stays as it is. */
export function readableBytes(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (unit < 5 && amount > 0 && amount % 1024 === 0) [amount, unit] = [amount / 1024, unit + 1];
  const text = `${amount}${["", "Ki", "Mi", "Gi", "Ti", "Pi"][unit]}`;
  return canonicalQuantity(text) ?? text;
}

type Mode = NonNullable<NonNullable<VolumeCapability["access_mode"]>["mode"]>;

function capabilitiesOf(
  { spec }: PersistentVolumeClaim,
  { parameters = {}, mountOptions = [] }: StorageClass,
  driver: ReadonlySet<string>,
): VolumeCapability[] {
  const access =
    spec.volumeMode === "Block"
      ? { block: {} }
      : { mount: { fs_type: parameters[`${ownPrefix}fstype`] ?? "", mount_flags: mountOptions } };
  return (spec.accessModes ?? ["ReadWriteOnce"]).map((mode) => ({
    ...access,
    access_mode: { mode: csiAccessMode(mode, driver.has("SINGLE_NODE_MULTI_WRITER")) },
  }));
}

/** How an access mode of a claim reads in the words of CSI; `isFine` for drivers that tell writers on one node apart. */
export function csiAccessMode(mode: string, isFine: boolean): Mode {
  switch (mode) {
    case "ReadWriteOnce":
      return isFine ? "SINGLE_NODE_MULTI_WRITER" : "SINGLE_NODE_WRITER";
    case "ReadWriteOncePod":
      return isFine ? "SINGLE_NODE_SINGLE_WRITER" : "SINGLE_NODE_WRITER";
    case "ReadOnlyMany":
      return "MULTI_NODE_READER_ONLY";
    case "ReadWriteMany":
      return "MULTI_NODE_MULTI_WRITER";
    default:
      throw new Error(
        `spec.accessModes has ${mode}, which is none of ReadWriteOnce, ReadWriteOncePod, ReadOnlyMany, ReadWriteMany`,
      );
  }
}

/** The driver beside us makes volumes that this node reaches. */
function topologyRequirement({
  pluginCapabilities,
  topology,
}: DriverFacts): Pick<CreateVolumeRequest, "accessibility_requirements"> {
  if (!pluginCapabilities.has("VOLUME_ACCESSIBILITY_CONSTRAINTS") || Object.keys(topology).length === 0) {
    return {};
  }
  const here = { segments: { ...topology } };
  return { accessibility_requirements: { requisite: [here], preferred: [here] } };
}

function nodeAffinity(
  topologies: readonly { readonly segments: Readonly<Record<string, string>> }[],
): Pick<PersistentVolume["spec"], "nodeAffinity"> {
  const terms = topologies
    .map(({ segments }) => Object.entries(segments))
    .filter((segments) => segments.length > 0)
    .map((segments) => ({
      matchExpressions: segments.map(([key, value]) => ({ key, operator: "In" as const, values: [value] })),
    }));
  return terms.length > 0 ? { nodeAffinity: { required: { nodeSelectorTerms: terms } } } : {};
}

function withSecret<Key extends string>(
  key: Key,
  secret: SecretReference | undefined,
): Partial<Record<Key, SecretReference>> {
  return secret ? ({ [key]: secret } as Record<Key, SecretReference>) : {};
}
