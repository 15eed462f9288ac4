import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import type { Store } from "../store.ts";
import type { ExportEnd, ExportHead, ExportItem } from "./export-file.ts";

const pageItems = 500;

/**
 * Writes everything that stands in the store at one revision to a file (mode 0600), which gets its name only when it is
 * complete and on the disk. History is not part of it.
 */
export async function exportStore(store: Store, path: string): Promise<{ head: ExportHead; end: ExportEnd }> {
  const partial = `${path}.partial`;
  const file = await open(partial, "w", 0o600);
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
    return { head, end };
  } catch (error) {
    // What went wrong first is what is told.
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}
