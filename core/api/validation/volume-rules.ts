import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  ISCSIVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  ProjectedVolumeSource,
  SecretVolumeSource,
  Volume,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule } from "../names/name-rules.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLocalPath, checkName, checkRange } from "./checks.ts";

const allBits = 0o777;
const modeSentence = "must be a number between 0 and 0777 (octal), both inclusive";
const tokenSeconds = 600;

const volume: TypeRule = rule<Volume>((target, at, errors) => {
  checkName(target.name, dnsLabelRule, at.child("name"), errors);
  const sources = Object.keys(target).filter((member) => member !== "name");
  if (sources.length === 0) errors.required(at, "must specify a volume type");
  for (const extra of sources.slice(1))
    errors.forbidden(at.child(extra), "may not specify more than 1 volume type");
});

const hostPath: TypeRule = rule<HostPathVolumeSource>(({ path }, at, errors) => {
  if (path?.split("/").includes("..")) errors.invalid(at.child("path"), path, "must not contain '..'");
});

const nfs: TypeRule = rule<NFSVolumeSource>(({ path }, at, errors) => {
  if (!path.startsWith("/")) errors.invalid(at.child("path"), path, "must be an absolute path");
});

const iscsi: TypeRule = rule<ISCSIVolumeSource>(({ iqn, lun }, at, errors) => {
  checkRange(lun, 0, 255, at.child("lun"), errors);
  if (iqn && !/^(?:iqn|eui|naa)/.test(iqn))
    errors.invalid(at.child("iqn"), iqn, "must be valid format starting with iqn, eui, or naa");
});

const emptyDir: TypeRule = rule<EmptyDirVolumeSource>(({ sizeLimit }, at, errors) => {
  if (sizeLimit !== undefined && compareQuantities(sizeLimit, "0") < 0) {
    errors.forbidden(at.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
  }
});

const mode = (bits: number | undefined): boolean => bits === undefined || (bits >= 0 && bits <= allBits);

const configMap: TypeRule = rule<ConfigMapVolumeSource>(({ name, defaultMode }, at, errors) => {
  if (!name) errors.required(at.child("name"));
  if (!mode(defaultMode)) errors.invalid(at.child("defaultMode"), defaultMode, modeSentence);
});

const secret: TypeRule = rule<SecretVolumeSource>(({ secretName, defaultMode }, at, errors) => {
  if (!secretName) errors.required(at.child("secretName"));
  if (!mode(defaultMode)) errors.invalid(at.child("defaultMode"), defaultMode, modeSentence);
});

const keyToPath: TypeRule = rule<KeyToPath>(({ path, mode: bits }, at, errors) => {
  checkReservedPath(path, at.child("path"), errors);
  if (!mode(bits)) errors.invalid(at.child("mode"), bits, modeSentence);
});

function checkReservedPath(path = "", at: FieldPath, errors: FieldErrors): void {
  checkLocalPath(path, at, errors);
  if (path.startsWith("..") && !path.startsWith("../")) errors.invalid(at, path, "must not start with '..'");
}

const fieldPaths = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

/** Upstream tells the mistakes of a file as if the volume had made them. */
const downward: TypeRule = rule<DownwardAPIVolumeSource>(({ items = [], defaultMode }, at, errors) => {
  if (!mode(defaultMode)) errors.invalid(at.child("defaultMode"), defaultMode, modeSentence);
  for (const { path, fieldRef, resourceFieldRef, mode: bits } of items) {
    if (!path) errors.required(at.child("path"));
    checkReservedPath(path, at.child("path"), errors);
    if (fieldRef && resourceFieldRef)
      errors.invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
    if (!fieldRef && !resourceFieldRef)
      errors.required(at, "one of fieldRef and resourceFieldRef is required");
    const known = fieldRef?.fieldPath;
    if (known && /^(?:spec|status)\./.test(known))
      errors.notSupported(at.child("fieldRef", "fieldPath"), known, fieldPaths);
    if (resourceFieldRef && !resourceFieldRef.containerName)
      errors.required(at.child("resourceFieldRef", "containerName"));
    if (!mode(bits)) errors.invalid(at.child("mode"), bits, modeSentence);
  }
});

const projected: TypeRule = rule<ProjectedVolumeSource>(({ sources, defaultMode }, at, errors) => {
  if (!mode(defaultMode)) errors.invalid(at.child("defaultMode"), defaultMode, modeSentence);
  for (const [index, source] of (sources ?? []).entries()) {
    const here = at.child("sources").at(index);
    const token = source.serviceAccountToken;
    if (token) {
      const { path, expirationSeconds: seconds = 3600 } = token;
      const there = here.child("serviceAccountToken", "expirationSeconds");
      if (seconds < tokenSeconds)
        errors.invalid(there, seconds, "may not specify a duration less than 10 minutes");
      if (seconds > 2 ** 32)
        errors.invalid(there, seconds, "may not specify a duration larger than 2^32 seconds");
      if (!path) errors.required(at.child("path"));
      checkReservedPath(path, at.child("path"), errors);
    }
    if (Object.keys(source).length > 1)
      errors.forbidden(here, "may not specify more than 1 volume type per source");
  }
});

export const volumeRules: TypeRules = {
  "core.v1.Volume": volume,
  "core.v1.HostPathVolumeSource": hostPath,
  "core.v1.EmptyDirVolumeSource": emptyDir,
  "core.v1.ConfigMapVolumeSource": configMap,
  "core.v1.SecretVolumeSource": secret,
  "core.v1.KeyToPath": keyToPath,
  "core.v1.DownwardAPIVolumeSource": downward,
  "core.v1.DownwardAPIProjection": downward,
  "core.v1.ProjectedVolumeSource": projected,
  "core.v1.NFSVolumeSource": nfs,
  "core.v1.ISCSIVolumeSource": iscsi,
  "core.v1.ISCSIPersistentVolumeSource": iscsi,
};
