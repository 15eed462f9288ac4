import type { Container, PodSpec, Volume, VolumeMount } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { ahead, rule, type TypeRules } from "../schema/check-structure.ts";
import { checkLocalPath } from "./checks.ts";

const propagations = ["Bidirectional", "HostToContainer", "None"];
const recursions = ["Disabled", "Enabled", "IfPossible"];
const groups = ["containers", "initContainers", "ephemeralContainers"] as const;

type Volumes = ReadonlyMap<string, Volume>;

/** Of what of a pod's volumes its containers see, and where. */
function checkMounting(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const group of groups)
    for (const [index, container] of (spec[group] ?? []).entries()) {
      const here = at.child(group).at(index);
      checkMounts(container, volumes, here.child("volumeMounts"), errors);
      checkDevices(container, volumes, here.child("volumeDevices"), errors);
    }
}

function checkMounts(container: Container, volumes: Volumes, at: FieldPath, errors: FieldErrors): void {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const taken = new Set<string>();
  for (const [index, mount] of volumeMounts.entries()) {
    const here = at.at(index);
    const { name = "", mountPath: path = "" } = mount as Partial<VolumeMount>;
    if (name === "") errors.required(here.child("name"));
    if (!volumes.has(name)) errors.notFound(here.child("name"), name);
    if (path === "") errors.required(here.child("mountPath"));
    if (taken.has(path)) errors.invalid(here.child("mountPath"), path, "must be unique");
    taken.add(path);
    if (volumeDevices.some((device) => device.name === name))
      errors.invalid(here.child("name"), name, "must not already exist in volumeDevices");
    if (volumeDevices.some(({ devicePath }) => devicePath === path))
      errors.invalid(here.child("mountPath"), path, "must not already exist as a path in volumeDevices");
    checkPart(mount, here, at, errors);
    checkSharing(mount, container, at, errors);
  }
}

/** Upstream tells the mistakes of a path in a volume of the list and not of the mount. */
function checkPart(
  { subPath, subPathExpr }: VolumeMount,
  here: FieldPath,
  list: FieldPath,
  errors: FieldErrors,
): void {
  if (subPath) checkLocalPath(subPath, list.child("subPath"), errors);
  if (!subPathExpr) return;
  const sentence = "subPathExpr and subPath are mutually exclusive";
  if (subPath) errors.invalid(here.child("subPathExpr"), subPathExpr, sentence);
  checkLocalPath(subPathExpr, list.child("subPathExpr"), errors);
}

function checkSharing(
  { mountPropagation, recursiveReadOnly, readOnly }: VolumeMount,
  container: Container,
  list: FieldPath,
  errors: FieldErrors,
): void {
  const at = list.child("mountPropagation");
  if (mountPropagation && !propagations.includes(mountPropagation))
    errors.notSupported(at, mountPropagation, propagations);
  if (mountPropagation === "Bidirectional" && !container.securityContext?.privileged)
    errors.forbidden(at, "Bidirectional mount propagation is available only to privileged containers");
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return;
  const here = list.child("recursiveReadOnly");
  if (!recursions.includes(recursiveReadOnly)) errors.notSupported(here, recursiveReadOnly, recursions);
  else if (!readOnly) errors.forbidden(here, "may only be specified when readOnly is true");
  else if (mountPropagation && mountPropagation !== "None")
    errors.forbidden(here, "may only be specified when mountPropagation is None or not specified");
}

function checkDevices(
  { volumeMounts = [], volumeDevices = [] }: Container,
  volumes: Volumes,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  for (const [index, { name = "", devicePath: path = "" }] of volumeDevices.entries()) {
    const [ofName, ofPath] = [at.at(index).child("name"), at.at(index).child("devicePath")];
    const volume = volumes.get(name);
    if (name === "") errors.required(ofName);
    if (names.has(name)) errors.invalid(ofName, name, "must be unique");
    if (!volume) errors.notFound(ofName, name);
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const sentence = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.invalid(ofName, name, sentence);
    }
    if (path === "") errors.required(ofPath);
    if (paths.has(path)) errors.invalid(ofPath, path, "must be unique");
    if (path.split("/").includes("..")) errors.invalid(ofPath, path, "can not contain backsteps ('..')");
    else paths.add(path);
    if (volumeMounts.some((mount) => mount.name === name))
      errors.invalid(ofName, name, "must not already exist in volumeMounts");
    if (volumeMounts.some(({ mountPath }) => mountPath === path))
      errors.invalid(ofPath, path, "must not already exist as a path in volumeMounts");
    if (name !== "") names.add(name);
  }
}

/** Files that variables are read from are written by other containers of the pod. */
function checkVariableFiles(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const group of ["initContainers", "containers", "ephemeralContainers"] as const)
    for (const [index, { env = [] }] of (spec[group] ?? []).entries())
      for (const [position, { valueFrom }] of env.entries()) {
        const name = valueFrom?.fileKeyRef?.volumeName;
        if (!name) continue;
        const variable = at.child(group).at(index).child("env").at(position);
        const here = variable.child("valueFrom", "fileKeyRef", "volumeName");
        const volume = volumes.get(name);
        if (!volume) errors.notFound(here, name);
        else if (!volume.emptyDir) errors.invalid(here, name, "referenced volume must be of type emptyDir");
      }
}

export const mountRules: TypeRules = {
  [ahead("core.v1.PodSpec", "restartPolicy")]: rule<PodSpec>(checkMounting),
  "core.v1.PodSpec": rule<PodSpec>(checkVariableFiles),
};
