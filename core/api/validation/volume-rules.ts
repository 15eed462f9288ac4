import type {
  ConfigMapVolumeSource,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  SecretVolumeSource,
  Volume,
} from "../generated/types.ts";
import { dnsLabelRule } from "../names/name-rules.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkRange } from "./checks.ts";

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
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

const hostPath: TypeRule = rule<HostPathVolumeSource>(({ path, type = "" }, at, errors) => {
  if (path?.split("/").includes("..")) errors.invalid(at.child("path"), path, "must not contain '..'");
  if (!hostPathTypes.includes(type)) errors.notSupported(at.child("type"), type, hostPathTypes.slice(1));
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
  relativePath({ path }, at, errors);
  if (!mode(bits)) errors.invalid(at.child("mode"), bits, modeSentence);
});

const relativePath: TypeRule = rule<{ path?: string }>(({ path }, at, errors) => {
  if (path?.startsWith("/")) errors.invalid(at.child("path"), path, "must be a relative path");
  if (path?.split("/").includes("..")) errors.invalid(at.child("path"), path, "must not contain '..'");
  if (path?.startsWith("..")) errors.invalid(at.child("path"), path, "must not start with '..'");
});

const projected: TypeRule = rule<ProjectedVolumeSource>(({ sources, defaultMode }, at, errors) => {
  if (!mode(defaultMode)) errors.invalid(at.child("defaultMode"), defaultMode, modeSentence);
  for (const [index, source] of (sources ?? []).entries()) {
    const set = Object.keys(source);
    const here = at.child("sources").at(index);
    if (set.length === 0) errors.required(here, "must specify a projection source");
    for (const extra of set.slice(1))
      errors.forbidden(here.child(extra), "may not specify more than 1 volume type per source");
    const seconds = source.serviceAccountToken?.expirationSeconds;
    const token = here.child("serviceAccountToken", "expirationSeconds");
    checkRange(seconds, tokenSeconds, 2 ** 32, token, errors);
  }
});

export const volumeRules: TypeRules = {
  "core.v1.Volume": volume,
  "core.v1.HostPathVolumeSource": hostPath,
  "core.v1.EmptyDirVolumeSource": emptyDir,
  "core.v1.ConfigMapVolumeSource": configMap,
  "core.v1.SecretVolumeSource": secret,
  "core.v1.KeyToPath": keyToPath,
  "core.v1.DownwardAPIVolumeFile": relativePath,
  "core.v1.ServiceAccountTokenProjection": relativePath,
  "core.v1.ProjectedVolumeSource": projected,
};
