import type {
  DownwardAPIVolumeSource,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkMode, checkReservedPath } from "./volume-files.ts";

/** What variables may have, which change no more. */
const ofVariables = [
  ...["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"],
  ...["status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"],
];
/** What files may have: the maps as a whole, too. */
const ofFiles = [
  ...["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"],
];
const known = [...new Set([...ofVariables, ...ofFiles])];
const subscript = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/;
const resources = [
  ...["limits.cpu", "limits.ephemeral-storage", "limits.memory"],
  ...["requests.cpu", "requests.ephemeral-storage", "requests.memory"],
];
const byteDivisors = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

function checkField(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (!fieldPath) return;
  const here = at.child("fieldPath");
  if (apiVersion !== "v1") {
    errors.invalid(here, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`);
    return;
  }
  const [, map, key] = subscript.exec(fieldPath) ?? [];
  if (map !== undefined) {
    const name = map === "metadata.labels" ? key! : key!.toLowerCase();
    for (const wrong of qualifiedNameRule(name)) errors.invalid(at, name, wrong);
  } else if (!known.includes(fieldPath))
    errors.invalid(here, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`);
  else if (!allowed.includes(fieldPath)) errors.notSupported(here, fieldPath, allowed.toSorted());
}

function checkResource(
  { containerName, resource, divisor = "0" }: ResourceFieldSelector,
  isOfFile: boolean,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const isKnown = resources.includes(resource) || /^(?:limits|requests)\.hugepages-/.test(resource ?? "");
  if (isOfFile && !containerName) errors.required(at.child("containerName"));
  else if (!resource) errors.required(at.child("resource"));
  else if (!isKnown) errors.notSupported(at.child("resource"), resource, resources);
  if (!resource || !isKnown || compareQuantities(divisor, "0") === 0) return;
  const name = resource.split(".")[1]!.replace(/^hugepages-.*/, "hugepages");
  const divisors = name === "cpu" ? ["1m", "1"] : byteDivisors;
  const told = name === "ephemeral-storage" ? "local ephemeral storage" : name;
  const shown = name === "cpu" ? divisors.join(" and ") : divisors.join(", ");
  if (!divisors.includes(divisor))
    errors.invalid(
      at.child("divisor"),
      resource,
      `only divisor's values ${shown} are supported with the ${told} resource`,
    );
}

const variable: TypeRule = rule<EnvVarSource>(({ fieldRef, resourceFieldRef }, at, errors) => {
  if (fieldRef) checkField(fieldRef, ofVariables, at.child("fieldRef"), errors);
  if (resourceFieldRef) checkResource(resourceFieldRef, false, at.child("resourceFieldRef"), errors);
});

/** Upstream tells the mistakes of a file as if the volume had made them. */
const files: TypeRule = rule<DownwardAPIVolumeSource>(({ items = [], defaultMode }, at, errors) => {
  checkMode(defaultMode, at.child("defaultMode"), errors);
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    if (!path) errors.required(at.child("path"));
    checkReservedPath(path, at.child("path"), errors);
    if (fieldRef) {
      checkField(fieldRef, ofFiles, at.child("fieldRef"), errors);
      if (resourceFieldRef)
        errors.invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
    } else if (resourceFieldRef) checkResource(resourceFieldRef, true, at.child("resourceFieldRef"), errors);
    else errors.required(at, "one of fieldRef and resourceFieldRef is required");
    checkMode(mode, at.child("mode"), errors);
  }
});

export const downwardRules: TypeRules = {
  "core.v1.EnvVarSource": variable,
  "core.v1.DownwardAPIVolumeSource": files,
  "core.v1.DownwardAPIProjection": files,
};
