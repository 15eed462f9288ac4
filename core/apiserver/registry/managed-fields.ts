import {
  formatTime,
  groupVersion,
  hasSubresource,
  type Kind,
  type ManagedFieldsEntry,
  rootType,
  trackUpdate,
  type TypeLookup,
  type Writer,
} from "../../api/index.ts";
import type { Draft } from "./object-meta.ts";
import { asScaleShows, ownsReplicas, timedAsBefore } from "./scale-owners.ts";
import type { WriteContext } from "./strategy.ts";

/** @param time of the write, where it has been put into words already */
export function writerOf(kind: Kind, context: WriteContext, time = formatTime(context.now)): Writer {
  return {
    manager: context.fieldManager,
    apiVersion: groupVersion(kind),
    subresource: context.subresource,
    time,
  };
}

/** The type whose fields writers share, and where those in it are found. */
export function typeOf({ type, custom }: Kind): { type: string; types?: TypeLookup } {
  return custom ? { type: rootType, types: custom.types } : { type };
}

/** Members of an object that a write leaves as they were: the other half of what has a status. */
export function untouchedBy(kind: Kind, subresource: string): ((member: string) => boolean) | undefined {
  // Who asks for a certificate owns nothing of what he asks.
  const isRequest = kind.type === "certificates.v1.CertificateSigningRequest";
  if (isRequest && subresource === "") return (member) => member === "spec" || member === "status";
  if (isRequest) return (member) => member !== "status" && member !== "metadata";
  if (subresource === "status")
    return (member) => member !== "status" && (member !== "metadata" || kind.custom !== undefined);
  // What a request for a certificate says is nobody's: it never changes.
  if (subresource === "" && kind.kind === "CertificateSigningRequest" && !kind.custom)
    return (member) => member === "spec" || member === "status";
  return subresource === "" && hasSubresource(kind, "status") ? (member) => member === "status" : undefined;
}

/**
 * Who owns what after a plain write. Callers may say it themselves: kubectl hands fields of one manager to another, and a
 * single empty entry stops the tracking. An empty or unreadable list is what callers send who know nothing of it. Of an object that
 * nobody tracked from its beginning nothing is tracked until somebody applies something to it.
 */
export function ownersAfter(
  kind: Kind,
  object: Draft,
  old: Draft | undefined,
  context: WriteContext,
): ManagedFieldsEntry[] | undefined {
  const held = old?.metadata.managedFields;
  // A binding is no view of its pod: what it writes belongs to nobody.
  if (context.subresource === "binding") return held;
  const sent = context.subresource === "" ? object.metadata.managedFields : undefined;
  if (isReset(sent)) return undefined;
  const managedFields = sent?.length && sent.every(isReadable) ? sent : held;
  if (old && !managedFields?.length) return undefined;
  // A scale shows its owners alone: when nobody owns the replicas, it is an object that nobody tracks.
  const isScale = context.subresource === "scale";
  if (isScale && !managedFields?.some((entry) => ownsReplicas(kind, entry))) return managedFields;
  const writer = writerOf(kind, context, old ? undefined : (object.metadata.creationTimestamp ?? undefined));
  const tracked = trackUpdate({
    ...typeOf(kind),
    before: old ?? {},
    after: isScale ? asScaleShows(kind, object) : object,
    managedFields,
    writer,
    untouched: untouchedBy(kind, context.subresource),
  });
  const owners = isScale ? timedAsBefore(tracked, held ?? []) : tracked;
  return owners.length > 0 ? owners : undefined;
}

/** Nobody but the server says who owns what, whatever admission made of it. */
export function setOwners({ metadata }: Draft, owners: ManagedFieldsEntry[] | undefined): void {
  if (owners?.length) metadata.managedFields = owners;
  else if (metadata.managedFields) delete metadata.managedFields;
}

function isReset(sent: ManagedFieldsEntry[] | undefined): boolean {
  return sent?.length === 1 && Object.keys(sent[0]!).length === 0;
}

function isReadable({ fieldsType, fieldsV1 }: Partial<ManagedFieldsEntry>): boolean {
  return fieldsType === "FieldsV1" && fieldsV1 !== undefined;
}
