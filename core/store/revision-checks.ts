import { BerthError } from "@berth/base";

import type { EngineState, EngineWrite } from "./engine.ts";
import { revisionCompacted, revisionFuture } from "./errors.ts";

/** Refuses a revision that the store no longer or not yet knows. */
export function checkReadable(state: EngineState, revision: number | undefined): void {
  if (revision === undefined) return;
  if (revision < state.compacted) throw compactedError(revision, state.compacted);
  if (revision > state.revision) {
    throw new BerthError(
      revisionFuture,
      `revision ${revision} is above the store's current revision ${state.revision}`,
    );
  }
}

export function compactedError(revision: number, compacted: number): BerthError {
  return new BerthError(
    revisionCompacted,
    `revision ${revision} is too old: history up to ${compacted} has been compacted`,
  );
}

/** The revision from which a store with this offset refuses nothing: see StoreInfo.revisionOffset. */
export function firstReadable(revisionOffset: number): number {
  return revisionOffset === 0 ? 0 : revisionOffset + 1;
}

export function checkCompactable(state: EngineState, revision: number): void {
  if (revision <= state.revision) return;
  throw new BerthError(revisionFuture, `cannot compact at ${revision}: the store is at ${state.revision}`);
}

/** Whether a write may go ahead against what stands there. */
export function expectationHolds(
  write: EngineWrite,
  current: { readonly modRevision: number } | undefined,
): boolean {
  if (write.kind === "create") return current === undefined;
  if (current === undefined) return false;
  return write.expected === undefined || write.expected === current.modRevision;
}
