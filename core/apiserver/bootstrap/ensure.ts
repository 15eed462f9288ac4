import type { Clock, Logger } from "@berth/base";
import {
  formatTime,
  groupVersion,
  type JsonObject,
  type Kind,
  type ManagedFieldsEntry,
  trackUpdate,
} from "../../api/index.ts";
import { setDefaults } from "../registry/object-checks.ts";
import { beginLife, type Draft } from "../registry/object-meta.ts";
import type { ObjectStore } from "../registry/object-store.ts";

export interface BootstrapOptions {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Says whose a condition is that the object is made with. */
export function conditionOwner(
  manager: string,
  kind: Kind,
  { type, ...members }: Readonly<Record<string, string>>,
): ManagedFieldsEntry {
  const owned = [...Object.keys(members).filter((name) => members[name] !== ""), "type"];
  const fields = Object.fromEntries([[".", {}], ...owned.map((name) => [`f:${name}`, {}])]) as JsonObject;
  return {
    manager,
    operation: "Apply",
    apiVersion: groupVersion(kind),
    time: members["lastTransitionTime"]!,
    fieldsType: "FieldsV1",
    fieldsV1: { "f:status": { "f:conditions": { [`k:${JSON.stringify({ type })}`]: fields } } },
    subresource: "status",
  };
}

/** Whether it was there before. What was made belongs to `manager`. */
export async function ensure(
  { objects, clock }: BootstrapOptions,
  kind: Kind,
  object: Draft,
  manager = "kube-apiserver",
): Promise<boolean> {
  const { namespace = "", name = "" } = object.metadata;
  if (objects.cached(kind, namespace, name)) return true;
  beginLife(object.metadata, clock.now());
  setDefaults(kind, object);
  const time = formatTime(clock.now());
  const tracked = trackUpdate({
    type: kind.type,
    before: {},
    after: object,
    managedFields: undefined,
    writer: { manager, apiVersion: groupVersion(kind), subresource: "", time },
    // The finalizers of a namespace are nobody's.
    untouched: (member) => member === "status" || (member === "spec" && kind.kind === "Namespace"),
  });
  object.metadata.managedFields = [...(object.metadata.managedFields ?? []), ...tracked];
  await objects.create(kind, object);
  return false;
}
