import { goMap, notUnmarshalled } from "../json/go-text.ts";
import type {
  ConfigMap,
  LeaseSpec,
  Event,
  LimitRangeItem,
  Node,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  ResourceQuotaSpec,
  Secret,
  Taint,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath, rootPath } from "../errors/field-path.ts";
import { isJsonObject } from "../json/json-value.ts";
import {
  configMapKeyRule,
  dnsSubdomainRule,
  labelValueRule,
  qualifiedNameRule,
} from "../names/name-rules.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkNotNegative, checkPositive } from "./checks.ts";
import { checkAmounts } from "./resource-rules.ts";

/** What ConfigMaps and Secrets may hold in all: 1 MiB. */
const mostBytes = 1024 * 1024;
const utf8 = new TextEncoder();
const base64Bytes = (text: string): number => (text.length / 4) * 3;
/** A character is at most three bytes of UTF-8, so most objects need no count of bytes. */
const isTooLong = (texts: readonly string[], otherBytes: number): boolean => {
  const most = texts.reduce((sum, text) => sum + text.length * 3, otherBytes);
  return (
    most > mostBytes && texts.reduce((sum, text) => sum + utf8.encode(text).length, otherBytes) > mostBytes
  );
};

/** An empty key is a wrong one too. */
function checkKey(key: string, at: FieldPath, errors: FieldErrors): void {
  for (const why of configMapKeyRule(key)) errors.invalid(at.at(key), key, why);
}

const configMap: TypeRule = rule<ConfigMap>(({ data = {}, binaryData = {} }, at, errors) => {
  let bytes = 0;
  for (const key of Object.keys(data)) {
    checkKey(key, at.child("data"), errors);
    if (Object.hasOwn(binaryData, key)) {
      errors.invalid(at.child("data").at(key), key, "duplicate of key present in binaryData");
    }
  }
  for (const [key, value] of Object.entries(binaryData)) {
    checkKey(key, at.child("binaryData"), errors);
    bytes += base64Bytes(value);
  }
  if (isTooLong(Object.values(data), bytes)) errors.tooLong(at, mostBytes);
});

/** Keys that a secret of a type must have. */
const secretKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ["kubernetes.io/dockercfg", [".dockercfg"]],
  ["kubernetes.io/dockerconfigjson", [".dockerconfigjson"]],
  ["kubernetes.io/ssh-auth", ["ssh-privatekey"]],
  ["kubernetes.io/tls", ["tls.crt", "tls.key"]],
]);

const secret: TypeRule = rule<Secret>((target, at, errors) => {
  const data = target.data ?? {};
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    checkKey(key, at.child("data"), errors);
    bytes += base64Bytes(value);
  }
  if (bytes > mostBytes) errors.tooLong(at.child("data"), mostBytes);
  for (const key of secretKeys.get(target.type ?? "") ?? []) {
    if (data[key] === undefined || (key === "ssh-privatekey" && data[key] === ""))
      errors.required(at.child("data").at(key));
    else if (key.startsWith(".docker")) checkDockerConfig(data[key], at.child("data").at(key), errors);
  }
  const account = "kubernetes.io/service-account.name";
  if (target.type === "kubernetes.io/service-account-token" && !target.metadata.annotations?.[account]) {
    errors.required(FieldPath.of("metadata", "annotations").at(account));
  }
  if (
    target.type === "kubernetes.io/basic-auth" &&
    data["username"] === undefined &&
    data["password"] === undefined
  ) {
    errors.required(at.child("data").at("username"));
    errors.required(at.child("data").at("password"));
  }
});

/** Nothing of it is shown: it holds passwords. */
function checkDockerConfig(base64: string, at: FieldPath, errors: FieldErrors): void {
  const wrong = noJsonObject(atob(base64));
  if (wrong) errors.invalid(at, "<secret contents redacted>", wrong);
}

/** In the words of Go, where the first character tells it; undefined for an object. */
function noJsonObject(text: string): string | undefined {
  const [first = ""] = text.trim();
  if (first === "") return "unexpected end of JSON input";
  if (!/[[{"\-\dtfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`;
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || isJsonObject(value)) return undefined;
    return notUnmarshalled(value, goMap);
  } catch {
    return "invalid JSON";
  }
}

const claimSpec: TypeRule = rule<PersistentVolumeClaimSpec>((spec, at, errors) => {
  checkAccessModes(spec.accessModes, "at least 1 access mode is required", at, errors);
  const storage = spec.resources?.requests?.["storage"];
  if (storage === undefined) errors.required(at.child("resources").at("storage"));
  else if (compareQuantities(storage, "0") <= 0) {
    errors.invalid(at.child("resources").at("storage"), storage, "must be greater than zero");
  }
  checkName(spec.storageClassName, dnsSubdomainRule, at.child("storageClassName"), errors);
});

const volumeSpecMembers = new Set([
  "capacity",
  "accessModes",
  "claimRef",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "mountOptions",
  "volumeMode",
  "nodeAffinity",
  "volumeAttributesClassName",
]);

/** Members of a volume's spec that say where its data lies. */
export function volumeSources(spec: object): string[] {
  return Object.keys(spec).filter((member) => !volumeSpecMembers.has(member));
}

const volumeSpec: TypeRule = rule<PersistentVolumeSpec>((spec, at, errors) => {
  checkAccessModes(spec.accessModes, "", at, errors);
  if (spec.capacity?.["storage"] === undefined) errors.required(at.child("capacity"));
  else if (compareQuantities(spec.capacity["storage"], "0") <= 0) {
    errors.invalid(at.child("capacity").at("storage"), spec.capacity["storage"], "must be greater than zero");
  }
  const sources = volumeSources(spec);
  if (sources.length === 0) errors.required(at, "must specify a volume type");
  for (const extra of sources.slice(1))
    errors.forbidden(at.child(extra), "may not specify more than 1 volume type");
  if (spec.local && !spec.nodeAffinity?.required) {
    errors.required(at.child("nodeAffinity"), "Local volume requires node affinity");
  }
  checkName(spec.storageClassName, dnsSubdomainRule, at.child("storageClassName"), errors);
});

function checkAccessModes(
  modes: readonly string[] | undefined,
  need: string,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (!modes || modes.length === 0) errors.required(at.child("accessModes"), need);
  else if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    errors.forbidden(at.child("accessModes"), "may not use ReadWriteOncePod with other access modes");
  }
}

const node: TypeRule = rule<Node>(({ spec, status }, _, errors) => {
  checkTaints(spec?.taints ?? [], errors);
  checkAmounts(status?.capacity, FieldPath.of("status", "capacity"), errors);
  checkAmounts(status?.allocatable, FieldPath.of("status", "allocatable"), errors);
});

const taintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Upstream looks for taints below the metadata. */
function checkTaints(taints: readonly Taint[], errors: FieldErrors): void {
  const seen = new Set<string>();
  for (const [index, { key = "", value = "", effect = "" }] of taints.entries()) {
    const at = FieldPath.of("metadata", "taints").at(index);
    for (const wrong of qualifiedNameRule(key)) errors.invalid(at.child("key"), key, wrong);
    const wrong = labelValueRule(value);
    if (wrong.length > 0) errors.invalid(at.child("value"), value, wrong.join(";"));
    if (effect === "") errors.required(at.child("effect"));
    else if (!taintEffects.includes(effect)) errors.notSupported(at.child("effect"), effect, taintEffects);
    const shown = { Key: key, Value: value, Effect: effect, TimeAdded: null };
    if (seen.has(`${key}:${effect}`))
      errors.duplicate(at, shown, "taints must be unique by key and effect pair");
    seen.add(`${key}:${effect}`);
  }
}

/** Events of cluster-scoped objects live in these namespaces. */
const clusterEventNamespaces = ["default", "kube-system"];

const event: TypeRule = rule<Event>(({ metadata, involvedObject }, at, errors) => {
  const namespace = involvedObject?.namespace ?? "";
  const own = metadata.namespace ?? "";
  const fits = namespace === "" ? clusterEventNamespaces.includes(own) : namespace === own;
  if (!fits)
    errors.invalid(at.child("involvedObject", "namespace"), namespace, "does not match event.namespace");
});

const lease: TypeRule = rule<LeaseSpec>((spec, at, errors) => {
  checkPositive(spec.leaseDurationSeconds, at.child("leaseDurationSeconds"), errors);
  checkNotNegative(spec.leaseTransitions, at.child("leaseTransitions"), errors);
});

const limit: TypeRule = rule<LimitRangeItem>((item, at, errors) => {
  for (const member of ["default", "defaultRequest"] as const) {
    if (item.type === "Pod" && item[member])
      errors.forbidden(at.child(member), "may not be specified when `type` is 'Pod'");
  }
});

const quota: TypeRule = rule<ResourceQuotaSpec>(({ hard }, at, errors) =>
  checkAmounts(hard, at.child("hard"), errors),
);

export const coreRules: TypeRules = {
  "core.v1.ConfigMap": configMap,
  "core.v1.Secret": secret,
  "core.v1.PersistentVolumeClaimSpec": claimSpec,
  "core.v1.PersistentVolumeSpec": volumeSpec,
  "core.v1.Node": node,
  "core.v1.Event": event,
  "core.v1.LimitRangeItem": limit,
  "core.v1.ResourceQuotaSpec": quota,
  "coordination.v1.LeaseSpec": lease,
};

/** Data that was declared immutable stays, and so does the declaration. */
export function checkFrozenData(
  object: ConfigMap | Secret,
  old: ConfigMap | Secret,
  errors: FieldErrors,
): void {
  if (!old.immutable) return;
  if (!object.immutable)
    errors.forbidden(rootPath.child("immutable"), "field is immutable when `immutable` is set");
  const members = ["data", "binaryData"] as const;
  for (const member of members) {
    const [after, before] = [object, old].map((one) => JSON.stringify(sorted((one as ConfigMap)[member])));
    if (after !== before)
      errors.forbidden(rootPath.child(member), "field is immutable when `immutable` is set");
  }
}

const sorted = (map: Readonly<Record<string, string>> | undefined): unknown =>
  Object.entries(map ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
