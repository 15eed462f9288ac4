import type { ListOptions, ListResult, StoredItem, StoreEvent, StoreInfo } from "./store.ts";

/** One write as an engine sees it; inputs are checked already. `expiresAt` is in milliseconds since the epoch. */
export type EngineWrite =
  | { readonly kind: "create"; readonly key: string; readonly value: Uint8Array; readonly expiresAt?: number }
  | {
      readonly kind: "update";
      readonly key: string;
      readonly value: Uint8Array;
      readonly expected: number;
      readonly expiresAt?: number;
    }
  | { readonly kind: "delete"; readonly key: string; readonly expected?: number };

/** `createRevision` is that of the key after a put. `previous` is what the write replaced or deleted. */
export type EngineOutcome =
  | {
      readonly applied: true;
      readonly revision: number;
      readonly createRevision: number;
      readonly previous: StoredItem | undefined;
    }
  | { readonly applied: false; readonly current: StoredItem | undefined };

export interface EngineState {
  readonly revision: number;
  readonly compacted: number;
}

/** A stretch of history: everything of the prefix in (after, upTo]. `more` when the store's revision is above upTo. */
export interface HistoryPage {
  readonly events: readonly StoreEvent[];
  readonly upTo: number;
  readonly more: boolean;
}

export interface ItemRead {
  readonly revision: number;
  readonly item: StoredItem | undefined;
}

/** Where bytes and revisions live, in one process and synchronously. Every method is one consistent step. */
export interface Engine {
  readonly info: StoreInfo;
  state(): EngineState;
  /** All of them in one durable transaction, in order; each sees those before it. */
  apply(writes: readonly EngineWrite[]): EngineOutcome[];
  get(key: string, revision: number | undefined): ItemRead;
  list(prefix: string, options: ListOptions): ListResult;
  count(prefix: string): number;
  /** Keys with a lifetime, and when it is over. */
  lifetimes(prefix: string): { key: string; expiresAt: number }[];
  history(prefix: string, after: number, limit: number): HistoryPage;
  /** Keys whose lifetime is over at `now`, at most `limit`, longest over first. */
  expired(now: number, limit: number): { key: string; modRevision: number }[];
  /** Does a bounded part of the work and says whether all of it is done. */
  compact(revision: number): boolean;
  close(): void;
}

/** An engine at a distance. Answers arrive in the order in which the questions were asked. */
export type RemoteEngine = {
  [Name in keyof Engine]: Engine[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : Engine[Name];
} & {
  /** Rejects when the engine dies by itself; never resolves. */
  readonly died: Promise<never>;
};
