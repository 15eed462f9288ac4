import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { VolumeLayout } from "./volume-layout.ts";

/** What is needed to take a published volume away without the API: the fields that upstream's file has too. */
export interface CsiRecord {
  readonly specVolID: string;
  readonly driverName: string;
  readonly volumeHandle: string;
  readonly nodeName: string;
  /** "Ephemeral" volumes live as long as their pod and are never staged. */
  readonly volumeLifecycleMode: "Persistent" | "Ephemeral";
}

/** Durable when it resolves: the file stands before the driver is asked for anything. */
export async function writeCsiRecord(path: string, record: CsiRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const temporary = `${path}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify(record));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

export async function readCsiRecord(path: string): Promise<CsiRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as CsiRecord;
  } catch {
    return undefined;
  }
}

/** Volumes of a pod that a driver may have published, by the name of their folder. */
export async function listCsiRecords(
  layout: VolumeLayout,
  uid: string,
): Promise<[name: string, CsiRecord][]> {
  const folder = join(layout.volumes(uid), "kubernetes.io~csi");
  const names = await readdir(folder).catch(() => []);
  const found: [string, CsiRecord][] = [];
  for (const name of names) {
    const record = await readCsiRecord(layout.csiRecord(uid, name));
    if (record) found.push([name, record]);
  }
  return found;
}

/** True while a pod of this node, `except` left out, has the volume. */
export async function isCsiVolumeInUse(
  layout: VolumeLayout,
  record: CsiRecord,
  except: string,
): Promise<boolean> {
  const uids = await readdir(layout.podsFolder).catch(() => []);
  for (const uid of uids) {
    if (uid === except) continue;
    const records = await listCsiRecords(layout, uid);
    const same = records.some(
      ([, other]) => other.driverName === record.driverName && other.volumeHandle === record.volumeHandle,
    );
    if (same) return true;
  }
  return false;
}

export async function removeCsiRecord(path: string): Promise<void> {
  await rm(path, { force: true });
}
