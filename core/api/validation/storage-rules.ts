import type {
  CSIDriverSpec,
  CSINodeDriver,
  CSIStorageCapacity,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  StorageClass,
  VolumeAttributesClass,
} from "../generated/types.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dnsSubdomainRule, qualifiedNameRule } from "../names/name-rules.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkUnique } from "./checks.ts";

const mostParameters = 512;
const longestNodeId = 192;
const fsGroupPolicies = ["File", "None", "ReadWriteOnceWithFSType"];

const volume: TypeRule = rule<PersistentVolumeSpec>((spec, at, errors) => {
  const amounts = Object.keys(spec.capacity ?? {}).toSorted();
  if (amounts.join() !== "storage") {
    const told = spec.capacity && Object.fromEntries(amounts.map((name) => [name, spec.capacity![name]]));
    errors.notSupported(at.child("capacity"), told ?? null, ["storage"]);
  }
  checkName(spec.volumeAttributesClassName, dnsSubdomainRule, at.child("volumeAttributesClassName"), errors);
  if (spec.hostPath && spec.persistentVolumeReclaimPolicy === "Recycle" && spec.hostPath.path === "/")
    errors.forbidden(
      at.child("persistentVolumeReclaimPolicy"),
      "may not be 'recycle' for a hostPath mount of '/'",
    );
  if (spec.volumeAttributesClassName !== undefined && !spec.csi)
    errors.required(at.child("csi"), "has to be specified when using volumeAttributesClassName");
  checkName(spec.csi?.driver.toLowerCase(), qualifiedNameRule, at.child("csi", "driver"), errors);
  if (spec.volumeAttributesClassName === "")
    errors.required(at.child("volumeAttributesClassName"), "an empty string is disallowed");
});

const claim: TypeRule = rule<PersistentVolumeClaimSpec>((spec, at, errors) => {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && dataSourceRef && !dataSourceRef.namespace) {
    const same = (["apiGroup", "kind", "name"] as const).every(
      (member) => (dataSource[member] ?? "") === (dataSourceRef[member] ?? ""),
    );
    if (!same) errors.invalid(at, {}, "must match dataSourceRef");
  }
  checkName(spec.volumeAttributesClassName, dnsSubdomainRule, at.child("volumeAttributesClassName"), errors);
});

function checkParameters(
  parameters: Readonly<Record<string, string>> | undefined,
  errors: Parameters<TypeRule>[2],
): void {
  const at = FieldPath.of("parameters");
  const keys = Object.keys(parameters ?? {});
  if (keys.length > mostParameters) errors.tooLong(at, mostParameters);
  if (keys.includes("")) errors.invalid(at, "", "field can not be empty.");
}

const storageClass: TypeRule = rule<StorageClass>(
  ({ parameters, reclaimPolicy, volumeBindingMode }, at, errors) => {
    checkParameters(parameters, errors);
    const policies = ["Delete", "Retain"];
    if (reclaimPolicy && !policies.includes(reclaimPolicy))
      errors.notSupported(at.child("reclaimPolicy"), reclaimPolicy, policies);
    const modes = ["Immediate", "WaitForFirstConsumer"];
    if (volumeBindingMode && !modes.includes(volumeBindingMode))
      errors.notSupported(at.child("volumeBindingMode"), volumeBindingMode, modes);
  },
);

const attributes: TypeRule = rule<VolumeAttributesClass>(({ driverName, parameters }, at, errors) => {
  checkName(driverName?.toLowerCase(), qualifiedNameRule, at.child("driverName"), errors);
  if (Object.keys(parameters ?? {}).length === 0)
    errors.required(at.child("parameters"), "must contain at least one key/value pair");
  checkParameters(parameters, errors);
});

const driver: TypeRule = rule<CSIDriverSpec>((spec, at, errors) => {
  const { fsGroupPolicy, volumeLifecycleModes = [], tokenRequests = [] } = spec;
  if (fsGroupPolicy && !fsGroupPolicies.includes(fsGroupPolicy))
    errors.notSupported(at.child("fsGroupPolicy"), fsGroupPolicy, fsGroupPolicies);
  const modes = ["Persistent", "Ephemeral"];
  for (const mode of volumeLifecycleModes)
    if (!modes.includes(mode)) errors.notSupported(at.child("volumeLifecycleModes"), mode, modes);
  const { nodeAllocatableUpdatePeriodSeconds: period } = spec;
  if (period !== undefined && period < 10)
    errors.invalid(
      at.child("nodeAllocatableUpdatePeriodSeconds"),
      period,
      "must be greater than or equal to 10 seconds",
    );
  if (spec.serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0)
    errors.invalid(
      at.child("serviceAccountTokenInSecrets"),
      spec.serviceAccountTokenInSecrets,
      "serviceAccountTokenInSecrets is set but no tokenRequests are specified",
    );
  const requests = at.child("tokenRequests");
  checkUnique(tokenRequests, ({ audience }) => audience, requests, errors, "audience");
  for (const [index, { expirationSeconds }] of tokenRequests.entries()) {
    if (expirationSeconds !== undefined && expirationSeconds < 600) {
      const here = requests.at(index).child("expirationSeconds");
      errors.invalid(here, expirationSeconds, "may not specify a duration less than 10 minutes");
    }
  }
});

const nodeDriver: TypeRule = rule<CSINodeDriver>(
  ({ name, nodeID, topologyKeys: keys, allocatable }, at, errors) => {
    const topologyKeys = keys ?? [];
    checkName(name?.toLowerCase(), dnsSubdomainRule, at.child("name"), errors);
    if ((nodeID ?? "").length > longestNodeId)
      errors.invalid(at.child("nodeID"), nodeID, `must be ${longestNodeId} characters or less`);
    checkUnique(topologyKeys, (key) => key, at.child("topologyKeys"), errors);
    for (const [index, key] of topologyKeys.entries())
      checkName(key, qualifiedNameRule, at.child("topologyKeys").at(index), errors);
    const count = allocatable?.count;
    if (count !== undefined && count < 0)
      errors.invalid(at.child("allocatable", "count"), count, "must be greater than or equal to 0");
  },
);

const capacity: TypeRule = rule<Partial<CSIStorageCapacity>>((target, at, errors) => {
  const { storageClassName: name = "" } = target;
  for (const wrong of dnsSubdomainRule(name)) errors.invalid(at.child("storageClassName"), name, wrong);
  for (const member of ["capacity"] as const) {
    const amount = target[member];
    if (amount !== undefined && compareQuantities(amount, "0") < 0)
      errors.invalid(at.child(member), amount, "must be greater than or equal to 0");
  }
});

export const storageRules: TypeRules = {
  "core.v1.PersistentVolumeSpec": volume,
  "core.v1.PersistentVolumeClaimSpec": claim,
  "storage.v1.StorageClass": storageClass,
  "storage.v1.VolumeAttributesClass": attributes,
  "storage.v1.CSIDriverSpec": driver,
  "storage.v1.CSINodeDriver": nodeDriver,
  "storage.v1.CSIStorageCapacity": capacity,
};
