import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isErrno } from "@berth/linux";
import type { StoredRecord } from "../volumes/records.ts";

const recordFile = "record.json";

/** Folder of a record: `<root>/volumes/<id>` or `<root>/snapshots/<id>`. */
export function recordFolder(root: string, record: Pick<StoredRecord, "kind" | "id">): string {
  return join(root, `${record.kind}s`, record.id);
}

/** Replaces the record as a whole, durable when it resolves. */
export async function writeRecord(root: string, record: StoredRecord): Promise<void> {
  const folder = recordFolder(root, record);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = join(folder, `.${recordFile}`);
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(record)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, join(folder, recordFile));
  await syncFolder(folder);
  await syncFolder(dirname(folder));
}

export async function removeRecord(root: string, record: StoredRecord): Promise<void> {
  const folder = recordFolder(root, record);
  await rm(folder, { recursive: true, force: true });
  await syncFolder(dirname(folder));
}

/** Every record. A folder without one was cut short before its intent was durable, so nothing is in it. */
export async function readRecords(root: string): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (const kind of ["volume", "snapshot"] as const) {
    const parent = join(root, `${kind}s`);
    await mkdir(parent, { recursive: true, mode: 0o700 });
    for (const id of await readdir(parent)) {
      records.push(...(await readRecord(join(parent, id))));
    }
  }
  return records;
}

/** Removes folders without a record. Only for the process that may write: another may be about to write one. */
export async function removeUnrecorded(root: string): Promise<void> {
  for (const kind of ["volume", "snapshot"] as const) {
    const parent = join(root, `${kind}s`);
    for (const id of await readdir(parent)) {
      const [record] = await readRecord(join(parent, id));
      if (!record) await rm(join(parent, id), { recursive: true });
    }
  }
}

async function readRecord(folder: string): Promise<StoredRecord[]> {
  const path = join(folder, recordFile);
  try {
    const record = JSON.parse(await readFile(path, "utf8")) as StoredRecord;
    if (record.id !== basename(folder)) throw new Error(`it speaks of ${record.id}`);
    return [record];
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw new Error(`${path} is damaged: restore it from a backup, or remove its folder and the data in it`, {
      cause: error,
    });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
