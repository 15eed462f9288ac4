import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from "../generated/types.ts";
import { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { dnsLabelRule, type NameRule, pathSegmentRule, qualifiedNameRule } from "../names/name-rules.ts";
import { checkLabels, checkName } from "./checks.ts";

const metadata = FieldPath.of("metadata");
/** Made once: every object that is written is held against them. */
const paths = {
  name: metadata.child("name"),
  namespace: metadata.child("namespace"),
  labels: metadata.child("labels"),
  annotations: metadata.child("annotations"),
  ownerReferences: metadata.child("ownerReferences"),
  managedFields: metadata.child("managedFields"),
  finalizers: metadata.child("finalizers"),
};
const annotationBytes = 256 * 1024;
const longestManager = 128;
const utf8 = new TextEncoder();

/** What every object's metadata must hold; `follow` is the rule of the kind's names. */
export function checkMetadata(kind: Kind, meta: ObjectMeta, follow: NameRule, errors: FieldErrors): void {
  if (meta.generateName) checkGenerateName(meta.generateName, follow, errors);
  if (!meta.name) {
    if (!meta.generateName) errors.required(paths.name, "name or generateName is required");
  } else checkName(meta.name, follow, paths.name, errors);
  const { namespace } = paths;
  if (!kind.namespaced) {
    if (meta.namespace) errors.forbidden(namespace, "not allowed on this type");
  } else if (!meta.namespace) errors.required(namespace);
  else checkName(meta.namespace, dnsLabelRule, namespace, errors);
  checkLabels(meta.labels, paths.labels, errors);
  checkAnnotations(meta.annotations, paths.annotations, errors);
  checkOwners(meta.ownerReferences ?? [], errors);
  checkManagers(meta.managedFields ?? [], errors);
  checkFinalizers(meta.finalizers ?? [], !freeFinalizers.has(kind.group), errors);
}

/** Of an object inside another: whatever is a part of a path names it, and it may have no name at all. */
export function checkEmbeddedMetadata(meta: ObjectMeta, at: FieldPath, errors: FieldErrors): void {
  const found = new FieldErrors();
  if (meta.generateName) checkGenerateName(meta.generateName, pathSegmentRule, found);
  if (meta.name) checkName(meta.name, pathSegmentRule, paths.name, found);
  if (meta.namespace) checkName(meta.namespace, dnsLabelRule, paths.namespace, found);
  checkLabels(meta.labels, paths.labels, found);
  checkAnnotations(meta.annotations, paths.annotations, found);
  checkOwners(meta.ownerReferences ?? [], found);
  checkManagers(meta.managedFields ?? [], found);
  checkFinalizers(meta.finalizers ?? [], false, found);
  for (const { field, ...error } of found.list)
    errors.list.push({ ...error, field: field.replace(/^metadata/, () => at.toString()) });
}

function checkFinalizers(names: readonly string[], isStrict: boolean, errors: FieldErrors): void {
  const at = paths.finalizers;
  for (const name of names) checkName(name, qualifiedNameRule, at, errors);
  if (names.includes("orphan") && names.includes("foregroundDeletion"))
    errors.invalid(at, names, "finalizer orphan and foregroundDeletion cannot be both set");
  if (isStrict) checkStandardFinalizers(names, errors);
}

/** Whoever invents a finalizer names it after a domain. */
export function checkStandardFinalizers(names: readonly string[], errors: FieldErrors): void {
  const at = paths.finalizers;
  for (const [index, name] of names.entries()) {
    if (!name.includes("/") && !standardFinalizers.has(name))
      errors.invalid(
        at.at(index),
        name,
        "name is neither a standard finalizer name nor is it fully qualified",
      );
  }
}

const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);
/** Groups that upstream checks by the rules for any API's metadata, and not by those of its own kinds. */
const freeFinalizers = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
]);

/** What must stay as it was while an object lives. */
export function checkMetadataUpdate(meta: ObjectMeta, old: ObjectMeta, errors: FieldErrors): void {
  const keep = [
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ] as const;
  for (const name of keep) {
    if (!deepEqual(meta[name], old[name]))
      errors.invalid(metadata.child(name), meta[name] ?? "", "field is immutable");
  }
  if (!old.deletionTimestamp) return;
  const added = (meta.finalizers ?? []).filter((name) => !old.finalizers?.includes(name));
  if (added.length > 0) {
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added
      .toSorted()
      .map((name) => JSON.stringify(name))
      .join(", ")}}`;
    errors.forbidden(paths.finalizers, detail);
  }
}

/** The server appends to the prefix, so it may end where a name may not. */
function checkGenerateName(prefix: string, follow: NameRule, errors: FieldErrors): void {
  for (const wrong of follow(`${prefix}x`)) errors.invalid(metadata.child("generateName"), prefix, wrong);
}

export function checkAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  let characters = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const wrong of qualifiedNameRule(key.toLowerCase())) errors.invalid(at, key, wrong);
    characters += key.length + value.length;
  }
  // A character is at most three bytes of UTF-8, so most objects need no count of bytes.
  if (characters * 3 <= annotationBytes) return;
  const bytes = Object.entries(annotations!)
    .flat()
    .reduce((sum, text) => sum + utf8.encode(text).length, 0);
  if (bytes > annotationBytes) errors.tooLong(at, annotationBytes);
}

function checkOwners(owners: readonly OwnerReference[], errors: FieldErrors): void {
  const at = paths.ownerReferences;
  let first: string | undefined;
  for (const owner of owners) {
    const { apiVersion, kind, name, uid, controller } = owner;
    if (!isVersion(apiVersion))
      errors.invalid(at.child("apiVersion"), apiVersion, "version must not be empty");
    for (const [member, value] of Object.entries({ kind, name, uid }))
      if (value === "") errors.invalid(at.child(member), value, "must not be empty");
    if (apiVersion === "v1" && kind === "Event")
      errors.invalid(at, owner, "/v1, Kind=Event is disallowed from being an owner");
    if (!controller) continue;
    const here = `${kind}/${name}`;
    const sentence = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${here}`;
    if (first === undefined) first = here;
    else errors.invalid(at, owners, sentence);
  }
}

/** `v1`, `apps/v1`. */
const isVersion = (text: string): boolean => /^(?:[^/]*\/)?[^/]+$/.test(text);

/** An entry without anything in it stops the tracking, and is never stored. */
function checkManagers(entries: readonly ManagedFieldsEntry[], errors: FieldErrors): void {
  entries.forEach(({ operation, manager = "", fieldsType }, index) => {
    const at = (member: string): FieldPath => paths.managedFields.at(index).child(member);
    if (!fieldsType) return;
    if (operation !== "Apply" && operation !== "Update")
      errors.invalid(at("operation"), operation ?? "", "must be `Apply` or `Update`");
    if (manager.length > longestManager) errors.tooLong(at("manager"), longestManager);
  });
}
