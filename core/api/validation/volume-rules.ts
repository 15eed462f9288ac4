import type {
  ConfigMapVolumeSource,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  ISCSIVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  ProjectedVolumeSource,
  SecretVolumeSource,
  Volume,
} from "../generated/types.ts";
import { dnsLabelRule } from "../names/name-rules.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkRange } from "./checks.ts";
import { checkMode, checkReservedPath } from "./volume-files.ts";

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
  if (iqn && !/^(?:iqn|eui|naa)/.test(iqn))
    errors.invalid(at.child("iqn"), iqn, "must be valid format starting with iqn, eui, or naa");
  checkRange(lun, 0, 255, at.child("lun"), errors);
});

const emptyDir: TypeRule = rule<EmptyDirVolumeSource>(({ sizeLimit }, at, errors) => {
  if (sizeLimit !== undefined && compareQuantities(sizeLimit, "0") < 0) {
    errors.forbidden(at.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
  }
});

const configMap: TypeRule = rule<ConfigMapVolumeSource>(({ name, defaultMode }, at, errors) => {
  if (!name) errors.required(at.child("name"));
  checkMode(defaultMode, at.child("defaultMode"), errors);
});

const secret: TypeRule = rule<SecretVolumeSource>(({ secretName, defaultMode }, at, errors) => {
  if (!secretName) errors.required(at.child("secretName"));
  checkMode(defaultMode, at.child("defaultMode"), errors);
});

const keyToPath: TypeRule = rule<KeyToPath>(({ path, mode: bits }, at, errors) => {
  checkReservedPath(path, at.child("path"), errors);
  checkMode(bits, at.child("mode"), errors);
});

const projected: TypeRule = rule<ProjectedVolumeSource>(({ sources, defaultMode }, at, errors) => {
  checkMode(defaultMode, at.child("defaultMode"), errors);
  const paths = new Set<string>();
  const takePath = (path: string | undefined, told = path): void => {
    if (!path) return;
    if (paths.has(path)) errors.invalid(at, told, "conflicting duplicate paths");
    paths.add(path);
  };
  for (const [index, source] of (sources ?? []).entries()) {
    const here = at.child("sources").at(index);
    for (const files of [source.secret, source.configMap])
      for (const { path } of files?.items ?? []) takePath(path, files?.name ?? "");
    for (const { path } of source.downwardAPI?.items ?? []) takePath(path);
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
  "core.v1.ProjectedVolumeSource": projected,
  "core.v1.NFSVolumeSource": nfs,
  "core.v1.ISCSIVolumeSource": iscsi,
  "core.v1.ISCSIPersistentVolumeSource": iscsi,
};
