import { createToken, type Token } from "@berth/base";

/**
 * What a node must remember across any end of its core: plain JSON values in named buckets, and intents. One file
 * held by one process. Every call is synchronous and durable when it returns (0.1–1 ms, an fsync each; group what
 * belongs together in a transaction). Keep values small: kilobytes.
 *
 * @throws DATABASE_FULL when there is no room (nothing is changed then), DATABASE_FAILED when the disk failed.
 */
export interface Checkpoint {
  /** `/var/lib/berth/node/checkpoint.db`, for messages. */
  readonly path: string;
  /** A bucket by its name, `devices.allocations` for one; it need not be made first. */
  bucket<T>(name: string): Bucket<T>;
  readonly intents: Intents;
  /** All writes inside are made durable together, or none of them when `work` throws. May be nested. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Values of one kind by key. What is put in must survive JSON; what comes out is a copy. */
export interface Bucket<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  put(key: string, value: T): void;
  /** Says whether there was one. */
  delete(key: string): boolean;
  /** Keys in byte order, with their values; only those that start with `prefix` if one is given. */
  entries(prefix?: string): [key: string, value: T][];
  keys(prefix?: string): string[];
}

/**
 * Write-ahead intents: begin one before an effect that must not be lost sight of, end it when the effect and what was
 * recorded about it are both durable. After a crash whoever owns the kind goes through the unfinished ones: does the
 * effect again with the same key, or undoes it.
 */
export interface Intents {
  /** Durable on return. A key of that kind that is unfinished already keeps its first payload and is returned as is. */
  begin<P>(kind: string, key: string, payload: P): Intent<P>;
  /** Those not ended, oldest first; of one kind if it is given. */
  unfinished<P = unknown>(kind?: string): Intent<P>[];
}

export interface Intent<P = unknown> {
  /** `csi.createVolume` */
  readonly kind: string;
  /** What the effect is about, unique within the kind while it is unfinished. */
  readonly key: string;
  readonly payload: P;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** The effect happened; `record` runs in the same transaction, so that both are remembered or neither. */
  complete(record?: () => void): void;
  /** The effect did not happen, or was undone. */
  abandon(record?: () => void): void;
}

export const Checkpoint: Token<Checkpoint> = createToken<Checkpoint>("checkpoint");
