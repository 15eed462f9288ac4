/**
 * Writes as fast as it can until it is killed: `node store-writer.ts FILE ROUND`. Each line on stdout is an
 * acknowledged write, `KEY REVISION`, or a deletion, `-KEY REVISION`, told only after the store acknowledged it.
 */
import { writeSync } from "node:fs";

import { openSqliteStore } from "../../core/store/sqlite-store.ts";

const [path, round] = process.argv.slice(2) as [string, string];
const store = await openSqliteStore({ path });
writeSync(1, "ready\n");

async function write(lane: number): Promise<never> {
  for (let i = 0; ; i++) {
    const key = `/k/${round}/${lane}/${i}`;
    const result = await store.create(key, Buffer.from(`${key} `.repeat(40)));
    if (!result.written) throw new Error(`${key} was there already`);
    writeSync(1, `${key} ${result.item.modRevision}\n`);
    if (i % 5 !== 4) continue;
    const gone = await store.delete(key);
    if (gone.deleted) writeSync(1, `-${key} ${gone.revision}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, lane) => write(lane)));
