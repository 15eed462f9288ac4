import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { dnsLabelRule, type NameRule, qualifiedNameRule } from "../names/name-rules.ts";
import { checkLabels, checkName } from "./checks.ts";

const metadata = FieldPath.of("metadata");
const annotationBytes = 256 * 1024;
const longestManager = 128;
const utf8 = new TextEncoder();

/** What every object's metadata must hold; `follow` is the rule of the kind's names. */
export function checkMetadata(kind: Kind, meta: ObjectMeta, follow: NameRule, errors: FieldErrors): void {
  if (meta.generateName) checkGenerateName(meta.generateName, follow, errors);
  if (!meta.name) {
    if (!meta.generateName) errors.required(metadata.child("name"), "name or generateName is required");
  } else checkName(meta.name, follow, metadata.child("name"), errors);
  const namespace = metadata.child("namespace");
  if (!kind.namespaced) {
    if (meta.namespace) errors.forbidden(namespace, "not allowed on this type");
  } else if (!meta.namespace) errors.required(namespace);
  else checkName(meta.namespace, dnsLabelRule, namespace, errors);
  checkLabels(meta.labels, metadata.child("labels"), errors);
  checkAnnotations(meta.annotations, errors);
  checkOwners(meta.ownerReferences ?? [], errors);
  checkManagers(meta.managedFields ?? [], errors);
  for (const name of meta.finalizers ?? []) {
    checkName(name, qualifiedNameRule, metadata.child("finalizers"), errors);
    if (!name.includes("/") && !standardFinalizers.has(name) && !freeFinalizers.has(kind.group)) {
      errors.invalid(
        metadata.child("finalizers"),
        name,
        "name is neither a standard finalizer name nor is it fully qualified",
      );
    }
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
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
    errors.forbidden(metadata.child("finalizers"), detail);
  }
}

/** The server appends to the prefix, so it may end where a name may not. */
function checkGenerateName(prefix: string, follow: NameRule, errors: FieldErrors): void {
  const wrong = follow(`${prefix}x`);
  if (wrong) errors.invalid(metadata.child("generateName"), prefix, wrong);
}

function checkAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  errors: FieldErrors,
): void {
  const at = metadata.child("annotations");
  let characters = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const wrong = qualifiedNameRule(key.toLowerCase());
    if (wrong) errors.invalid(at, key, wrong);
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
  const at = metadata.child("ownerReferences");
  let first: string | undefined;
  for (const owner of owners) {
    const { apiVersion, kind, name, controller } = owner;
    if (apiVersion === "v1" && kind === "Event")
      errors.invalid(at, owner, "/v1, Kind=Event is disallowed from being an owner");
    if (!controller) continue;
    if (first === undefined) first = `${kind}/${name}`;
    else
      errors.invalid(
        at,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${kind}/${name}`,
      );
  }
}

/** An entry without anything in it stops the tracking, and is never stored. */
function checkManagers(entries: readonly ManagedFieldsEntry[], errors: FieldErrors): void {
  for (const [index, { operation, manager = "", fieldsType }] of entries.entries()) {
    if (!fieldsType) continue;
    const at = metadata.child("managedFields").at(index);
    if (operation !== "Apply" && operation !== "Update")
      errors.invalid(at.child("operation"), operation ?? "", "must be `Apply` or `Update`");
    if (manager.length > longestManager) errors.tooLong(at.child("manager"), longestManager);
  }
}
