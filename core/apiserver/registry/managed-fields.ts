import {
  formatTime,
  groupVersion,
  type Kind,
  type ManagedFieldsEntry,
  rootType,
  trackUpdate,
  type TypeLookup,
  type Writer,
} from "../../api/index.ts";
import type { Draft } from "./object-meta.ts";
import type { WriteContext } from "./strategy.ts";

export function writerOf(kind: Kind, context: WriteContext): Writer {
  return {
    manager: context.fieldManager,
    apiVersion: groupVersion(kind),
    subresource: context.subresource,
    time: formatTime(context.now),
  };
}

/** The type whose fields writers share, and where those in it are found. */
export function typeOf({ type, custom }: Kind): { type: string; types?: TypeLookup } {
  return custom ? { type: rootType, types: custom.types } : { type };
}

/**
 * Who owns what after a plain write. Callers may say it themselves: kubectl hands fields of one manager to another, and a
 * single empty entry stops the tracking. An empty or unreadable list is what callers send who know nothing of it.
 */
export function setManagedFields(kind: Kind, object: Draft, old: Draft, context: WriteContext): void {
  const held = old.metadata.managedFields;
  const sent = context.subresource === "" ? object.metadata.managedFields : undefined;
  delete object.metadata.managedFields;
  if (isReset(sent)) return;
  const tracked = trackUpdate({
    ...typeOf(kind),
    before: old,
    after: object,
    managedFields: sent?.length && sent.every(isReadable) ? sent : held,
    writer: writerOf(kind, context),
  });
  if (tracked) object.metadata.managedFields = tracked;
}

function isReset(sent: ManagedFieldsEntry[] | undefined): boolean {
  return sent?.length === 1 && Object.keys(sent[0]!).length === 0;
}

function isReadable({ fieldsType, fieldsV1 }: Partial<ManagedFieldsEntry>): boolean {
  return fieldsType === "FieldsV1" && fieldsV1 !== undefined;
}
