import { createHash } from "node:crypto";
import { lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { BerthError, errorMessage } from "@berth/base";
import { fsyncDirectory } from "@berth/sqlite";
import type { Store } from "../store.ts";
import { exportUnwritable } from "./errors.ts";
import type { ExportEnd, ExportHead, ExportItem } from "./export-file.ts";

const pageItems = 500;

/**
 * Writes everything that stands in the store at one revision to a file (mode 0600), which gets its name only when it is
 * complete and on the disk. History is not part of it.
 * @throws BERTH_STORE_EXPORT_UNWRITABLE
 */
export async function exportStore(store: Store, path: string): Promise<{ head: ExportHead; end: ExportEnd }> {
  try {
    await checkTarget(path);
    return await writeExport(store, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new BerthError(exportUnwritable, `${path} cannot be written: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/** What the export's name stands for is replaced: only another file may be. */
async function checkTarget(path: string): Promise<void> {
  const present = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (present === undefined || present.isFile()) return;
  throw new BerthError(exportUnwritable, `${path} is there already and no regular file`);
}

async function writeExport(store: Store, path: string): Promise<{ head: ExportHead; end: ExportEnd }> {
  const partial = `${path}.partial`;
  // Nobody else shall hold what secrets are written to.
  await rm(partial, { force: true });
  const file = await open(partial, "wx", 0o600);
  const hash = createHash("sha256");
  const write = async (document: object): Promise<void> => {
    const line = `${JSON.stringify(document)}\n`;
    hash.update(line);
    await file.writeFile(line);
  };
  try {
    const early = await store.lifetimes("");
    const first = await store.list("", { limit: pageItems });
    // What was made between the two looks is in the second.
    const lifetimes = new Map([...early, ...(await store.lifetimes(""))]);
    const { revision } = first;
    const head: ExportHead = { format: "berth.dev/store-export", version: 1, store: store.info.id, revision };
    await write(head);
    let items = 0;
    for (let page = first; ;) {
      for (const { key, value } of page.items) {
        const ttlSeconds = lifetimes.get(key);
        const item: ExportItem = {
          key,
          value: value.toString("base64"),
          ...(ttlSeconds !== undefined && { ttlSeconds }),
        };
        await write(item);
        items++;
      }
      const last = page.items.at(-1);
      if (page.remaining === 0 || !last) break;
      page = await store.list("", { limit: pageItems, revision, afterKey: last.key });
    }
    const end: ExportEnd = { items, sha256: hash.digest("hex") };
    await file.writeFile(`${JSON.stringify(end)}\n`);
    await file.sync();
    await file.close();
    await rename(partial, path);
    fsyncDirectory(dirname(path));
    return { head, end };
  } catch (error) {
    // What went wrong first is what is told.
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}
