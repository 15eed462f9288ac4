import {
  formatTime,
  groupVersion,
  type Kind,
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

/** Who owns what after a plain write. What the caller sends is not believed; an empty list stops the tracking. */
export function setManagedFields(kind: Kind, object: Draft, old: Draft, context: WriteContext): void {
  const sent = object.metadata.managedFields;
  const held = old.metadata.managedFields;
  delete object.metadata.managedFields;
  if (!held || sent?.length === 0) return;
  const tracked = trackUpdate({
    ...typeOf(kind),
    before: old,
    after: object,
    managedFields: held,
    writer: writerOf(kind, context),
  });
  if (tracked) object.metadata.managedFields = tracked;
}
