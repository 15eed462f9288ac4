import { randomBytes, randomUUID } from "node:crypto";
import { formatTime, type JsonObject, type ManagedFieldsEntry } from "../../api/index.ts";

/** The metadata of an object that may be changed. */
export interface Meta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
  selfLink?: string;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** An object on its way to the store. */
export interface Draft extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  spec?: JsonObject;
  status?: JsonObject;
}

/** Letters and digits that cannot be read as one another, nor spell words. */
const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;
const longestGenerated = 63 - suffixLength;

export function generatedName(prefix: string): string {
  let suffix = "";
  for (const byte of randomBytes(suffixLength)) suffix += nameAlphabet[byte % nameAlphabet.length];
  return prefix.slice(0, longestGenerated) + suffix;
}

/** A random UUID of version 4 from 16 fresh bytes. */
export function newUid(): string {
  return randomUUID();
}

/** What the server alone decides about a new object. */
export function beginLife(meta: Meta, now: number): void {
  // Most have none of these, and to delete what is not there costs more than to look.
  if (meta.resourceVersion !== undefined) delete meta.resourceVersion;
  if (meta.selfLink !== undefined) delete meta.selfLink;
  if (meta.deletionTimestamp !== undefined) delete meta.deletionTimestamp;
  if (meta.deletionGracePeriodSeconds !== undefined) delete meta.deletionGracePeriodSeconds;
  meta.uid = newUid();
  meta.creationTimestamp = formatTime(now);
}

/** Carries over what no update changes, and what an update that does not speak of it leaves. */
export function keepServerFields(meta: Meta, old: Meta): void {
  delete meta.selfLink;
  meta.uid ||= old.uid;
  const own = old.deletionTimestamp === undefined ? [] : (["deletionTimestamp"] as const);
  for (const field of ["name", "namespace", "creationTimestamp", "generation", ...own] as const) {
    if (old[field] === undefined) delete meta[field];
    else Object.assign(meta, { [field]: old[field] });
  }
  if (old.deletionGracePeriodSeconds !== undefined)
    meta.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
}
