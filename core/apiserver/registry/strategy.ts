import { hasSubresource, type JsonObject, type Kind } from "../../api/index.ts";
import type { Shown } from "../admission/shown-request.ts";
import type { AuditAnnotations } from "../audit/audit-event.ts";
import type { User } from "../request/request.ts";
import type { Draft } from "./object-meta.ts";

/** Under which circumstances a write happens. */
export interface WriteContext {
  readonly user: User;
  readonly dryRun: boolean;
  /** "" for the object itself. */
  readonly subresource: string;
  readonly fieldManager: string;
  readonly warnings: string[];
  readonly signal: AbortSignal;
  readonly audit?: AuditAnnotations | undefined;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions, for those who want to know. */
  readonly options?: JsonObject | undefined;
  /** What the caller was allowed to do; who creates by it needs another right. */
  readonly verb?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The object says itself who owns its fields: it comes from a server-side apply. */
  readonly applying?: boolean;
  /** How webhooks and policies see the write, when not as the objects that are stored. */
  readonly show?: (object: Draft | undefined, old: Draft | undefined) => Shown | "nothing" | undefined;
}

/**
 * What one kind does differently from the rest. Everything is optional; a kind without a strategy behaves as the
 * table's row says.
 */
export interface Strategy {
  /** After defaulting, before admission validates: fields that the server itself fills in. */
  prepareForCreate?(object: Draft, context: WriteContext): void | Promise<void>;
  prepareForUpdate?(object: Draft, old: Draft, context: WriteContext): void | Promise<void>;
  /** Undoes what prepareForCreate took from elsewhere, when the create failed or was only a rehearsal. */
  abandonCreate?(object: Draft): void | Promise<void>;
  /** After the object has left the store. */
  deleted?(object: Draft): void | Promise<void>;
  /** Seconds until somebody else confirms the deletion with 0; 0 deletes at once. */
  gracePeriod?(object: Draft, asked: number | undefined): number;
  /** Its deletion tells no grace, and is no change of what its author wants. */
  readonly deletesWithoutGrace?: boolean;
  /** Marks the beginning of a deletion that others must finish. */
  deletionBegun?(object: Draft): void;
  /** Whether an object that is being deleted, without finalizers, may leave. */
  mayLeave?(object: Draft): boolean;
  /** PUT makes what is not there. */
  readonly createOnUpdate?: boolean;
  /** Whoever changes an object says which state of it he has seen. */
  readonly demandsRevision?: boolean;
  readonly ttlSeconds?: number;
  /** What belongs to it stays when it is deleted, unless it is asked otherwise. */
  readonly orphans?: boolean;
}

/** A new object starts without the status that its controller will write. */
export const withoutStatus: Strategy = {
  prepareForCreate(object) {
    delete object.status;
  },
};

/** As {@link withoutStatus}, where clients always find one: with the counts that controllers will raise. */
export function withStatus(zero: JsonObject): Strategy {
  return {
    prepareForCreate(object) {
      object.status = { ...zero };
    },
  };
}

/** Strategies by `group/Kind`. */
export type Strategies = ReadonlyMap<string, Strategy>;

export function strategyOf(strategies: Strategies, kind: Kind): Strategy {
  const own = strategies.get(`${kind.group}/${kind.kind}`);
  if (own) return own;
  if (!kind.custom) return plain;
  return hasSubresource(kind, "status") ? customWithStatus : custom;
}

const plain: Strategy = {};
const custom: Strategy = { demandsRevision: true };
const customWithStatus: Strategy = { ...withoutStatus, ...custom };
