import type { Store, StoredItem, WriteResult } from "../store.ts";

export interface BackendUnderTest {
  readonly store: Store;
  readonly clock: PassingTime;
}

/** A fake clock, or the real one for a backend that keeps time itself. */
export interface PassingTime {
  advance(ms: number): Promise<void>;
}

/** Opens an empty store; the suite closes it. */
export type Begin = (options?: { revisionOffset?: number }) => Promise<BackendUnderTest>;

/** Lets seconds go by; the question after each one makes sure that the store has done what fell due in it. */
export async function pass(seconds: number, clock: PassingTime, store: Store): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1000);
    await store.currentRevision();
    await store.currentRevision();
  }
}

/** Lets seconds go by until it is so: a backend that keeps time itself makes tests wait no longer than it must. */
export async function passUntil(
  isSo: () => Promise<boolean>,
  clock: PassingTime,
  store: Store,
): Promise<void> {
  for (let second = 0; second < 60 && !(await isSo()); second++) await pass(1, clock, store);
}

export const bytes = (value: string): Buffer => Buffer.from(value);
export const text = (item: StoredItem): string => item.value.toString();

export function written(result: WriteResult): StoredItem {
  if (!result.written) throw new Error("the write was refused");
  return result.item;
}
