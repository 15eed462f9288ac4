import type {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  CSIVolumeSource,
  CinderVolumeSource,
  EphemeralVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GitRepoVolumeSource,
  ImageVolumeSource,
  PersistentVolumeClaimTemplate,
  PodSpec,
  QuobyteVolumeSource,
  ScaleIOVolumeSource,
  SecretProjection,
  StorageOSVolumeSource,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsSubdomainRule } from "../names/name-rules.ts";
import { ahead, rule, type TypeRules } from "../schema/check-structure.ts";
import { checkLocalPath, checkName, checkRange } from "./checks.ts";

const hostAndPort = "must be a host:port pair or multiple pairs separated by commas";
const blobUri = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
const managedUri =
  "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const reserved = "kubernetes.io and k8s.io namespaces are reserved";

function needed(value: unknown, at: FieldPath, errors: FieldErrors, detail = ""): void {
  if (value === undefined || value === "") errors.required(at, detail);
}

/** A partition of 0 is the whole disk. */
function checkPartition(partition: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if (partition) checkRange(partition, 1, 255, at.child("partition"), errors);
}

/** What the volumes of one plugin ask besides what the schema tells. */
export const volumePluginRules: TypeRules = {
  "core.v1.AWSElasticBlockStoreVolumeSource": rule<AWSElasticBlockStoreVolumeSource>(
    ({ partition }, at, errors) => checkPartition(partition, at, errors),
  ),
  "core.v1.AzureDiskVolumeSource": rule<AzureDiskVolumeSource>(({ diskURI, kind }, at, errors) => {
    const [start, form] = kind === "Managed" ? ["/subscriptions/", managedUri] : ["https://", blobUri];
    if (!diskURI?.startsWith(start)) errors.notSupported(at.child("diskURI"), diskURI ?? "", [form]);
  }),
  "core.v1.CSIVolumeSource": rule<CSIVolumeSource>(({ driver, nodePublishSecretRef }, at, errors) => {
    checkName(driver, dnsSubdomainRule, at.child("driver"), errors);
    if (nodePublishSecretRef)
      needed(nodePublishSecretRef.name, at.child("nodePublishSecretRef", "name"), errors);
  }),
  "core.v1.CinderVolumeSource": rule<CinderVolumeSource>(({ secretRef }, at, errors) => {
    if (secretRef) needed(secretRef.name, at.child("secretRef", "name"), errors);
  }),
  "core.v1.EphemeralVolumeSource": rule<EphemeralVolumeSource>(({ volumeClaimTemplate }, at, errors) => {
    if (!volumeClaimTemplate) errors.required(at.child("volumeClaimTemplate"));
  }),
  "core.v1.FCVolumeSource": rule<FCVolumeSource>(({ targetWWNs = [], wwids = [], lun }, at, errors) => {
    const here = at.child("targetWWNs");
    if (targetWWNs.length === 0 && wwids.length === 0)
      errors.required(here, "must specify either targetWWNs or wwids, but not both");
    if (targetWWNs.length > 0 && wwids.length > 0)
      errors.invalid(here, targetWWNs, "targetWWNs and wwids can not be specified simultaneously");
    if (targetWWNs.length === 0 || wwids.length > 0) return;
    if (lun === undefined) errors.required(at.child("lun"), "lun is required if targetWWNs is specified");
    else checkRange(lun, 0, 255, at.child("lun"), errors);
  }),
  "core.v1.FlexVolumeSource": rule<FlexVolumeSource>(({ options = {} }, at, errors) => {
    for (const key of Object.keys(options)) {
      const domain = key.toLowerCase().split("/")[0]!;
      if (/(?:^|\.)(?:kubernetes\.io|k8s\.io)$/.test(domain))
        errors.invalid(at.child("options").at(key), key, reserved);
    }
  }),
  "core.v1.FlockerVolumeSource": rule<FlockerVolumeSource>(({ datasetName, datasetUUID }, at, errors) => {
    if (!datasetName && !datasetUUID) errors.required(at, "one of datasetName and datasetUUID is required");
    if (datasetName && datasetUUID)
      errors.invalid(at, "resource", "datasetName and datasetUUID can not be specified simultaneously");
    if (datasetName?.includes("/"))
      errors.invalid(at.child("datasetName"), datasetName, "must not contain '/'");
  }),
  "core.v1.GCEPersistentDiskVolumeSource": rule<GCEPersistentDiskVolumeSource>(({ partition }, at, errors) =>
    checkPartition(partition, at, errors),
  ),
  "core.v1.GitRepoVolumeSource": rule<GitRepoVolumeSource>(({ directory = "" }, at, errors) =>
    checkLocalPath(directory, at.child("directory"), errors),
  ),
  "core.v1.QuobyteVolumeSource": rule<QuobyteVolumeSource>(({ registry }, at, errors) => {
    if (registry && registry.split(",").some((pair) => !/^[^:]*:[^:]+$/.test(pair)))
      errors.invalid(at.child("registry"), registry, hostAndPort);
  }),
  "core.v1.ScaleIOVolumeSource": rule<ScaleIOVolumeSource>(({ volumeName }, at, errors) =>
    needed(volumeName, at.child("volumeName"), errors),
  ),
  "core.v1.SecretProjection": rule<SecretProjection>(({ name }, at, errors) =>
    needed(name, at.child("name"), errors),
  ),
  "core.v1.ConfigMapProjection": rule<SecretProjection>(({ name }, at, errors) =>
    needed(name, at.child("name"), errors),
  ),
  "core.v1.StorageOSVolumeSource": rule<StorageOSVolumeSource>(({ volumeName }, at, errors) =>
    needed(volumeName, at.child("volumeName"), errors),
  ),
  [ahead("core.v1.PersistentVolumeClaimTemplate", "spec")]: rule<PersistentVolumeClaimTemplate>(
    ({ metadata = {} }, at, errors) => {
      for (const [member, value] of Object.entries(metadata))
        if (value !== null && member !== "annotations" && member !== "labels")
          errors.forbidden(at.child("metadata", member), "cannot be set");
    },
  ),
  /** In a template the reference may still be filled in. */
  [ahead("core.v1.Pod", "spec")]: rule<{ spec?: PodSpec }>(({ spec }, at, errors) => {
    for (const [index, { image }] of (spec?.volumes ?? []).entries()) {
      const here = at.child("spec", "volumes").at(index).child("image", "reference");
      if (image) needed((image satisfies ImageVolumeSource).reference, here, errors);
    }
  }),
};
