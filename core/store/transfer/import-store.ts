import { BerthError } from "@berth/base";
import type { Store } from "../store.ts";
import { importRefused } from "./errors.ts";
import { type ExportItem, readExport } from "./export-file.ts";

/** So many writes are under way at once. */
const batchItems = 256;

/**
 * Writes the items of an export into an empty store that was made for it: with the export's revision as its offset, so
 * that no revision goes back. Check the file before: what is found wrong on the way stays half done.
 */
export async function importInto(store: Store, path: string): Promise<number> {
  let written = 0;
  let batch: ExportItem[] = [];
  const flush = async (): Promise<void> => {
    await Promise.all(batch.map((item) => writeItem(store, item)));
    written += batch.length;
    batch = [];
  };
  for await (const part of readExport(path)) {
    if ("head" in part) await checkTarget(store, part.head.revision);
    if (!("item" in part)) continue;
    batch.push(part.item);
    if (batch.length === batchItems) await flush();
  }
  await flush();
  return written;
}

async function checkTarget(store: Store, revision: number): Promise<void> {
  const count = await store.count("");
  if (count > 0)
    throw new BerthError(importRefused, `${store.info.label} is not empty: ${count} objects are there`);
  const newest = await store.currentRevision();
  if (newest > revision) return;
  throw new BerthError(
    importRefused,
    `${store.info.label} is at revision ${newest}, the export at ${revision}: resource versions would go back`,
  );
}

async function writeItem(store: Store, { key, value, ttlSeconds }: ExportItem): Promise<void> {
  const options = ttlSeconds === undefined ? {} : { ttlSeconds: Math.max(1, ttlSeconds) };
  const { written } = await store.create(key, Buffer.from(value, "base64"), options);
  if (!written)
    throw new BerthError(importRefused, `${store.info.label}: somebody else writes ${key} meanwhile`);
}
