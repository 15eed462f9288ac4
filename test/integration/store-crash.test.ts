import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { expect, it } from "vitest";

import { openSqliteStore } from "../../core/store/sqlite-store.ts";

const rounds = 8;

it("keeps every acknowledged write, and the order of revisions, through kill -9 at random moments", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-store-crash-"));
  const path = join(folder, "store.db");
  const standing = new Map<string, number>();
  let highest = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { key, revision, deleted } of await writeUntilKilled(folder, path, round)) {
        if (deleted) standing.delete(key);
        else standing.set(key, revision);
        highest = Math.max(highest, revision);
      }
      const store = await openSqliteStore({ path });
      const items = new Map((await store.list("/k/")).items.map((item) => [item.key, item]));
      const revision = await store.currentRevision();
      await store.close();
      expect(revision).toBeGreaterThanOrEqual(highest);
      highest = revision;
      const lost = [...standing].filter(([key, at]) => !isThere(items.get(key), key, at));
      // The last deletion of each of the writer's sixteen lanes may have been durable, but not yet told.
      expect(lost.filter(([key]) => !mayBeDeleted(key))).toEqual([]);
      expect(new Set(lost.map(([key]) => dirname(key))).size).toBe(lost.length);
      for (const [key] of lost) standing.delete(key);
    }
    expect(standing.size).toBeGreaterThan(rounds);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Told {
  readonly key: string;
  readonly revision: number;
  readonly deleted: boolean;
}

/** Runs a writer until it has told a random number of writes, kills it, and gives everything it told. */
async function writeUntilKilled(folder: string, path: string, round: number): Promise<Told[]> {
  const log = join(folder, `told-${round}`);
  const output = openSync(log, "w");
  const script = new URL("../support/store-writer.ts", import.meta.url).pathname;
  const writer = spawn(process.execPath, [script, path, String(round)], {
    stdio: ["ignore", output, "inherit"],
  });
  const ended = new Promise<void>((resolve) => writer.once("exit", () => resolve()));
  const enough = 1 + Math.floor(Math.random() * 3000);
  while (writer.exitCode === null && readFileSync(log, "utf8").split("\n").length < enough) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  writer.kill("SIGKILL");
  await ended;
  closeSync(output);
  const lines = readFileSync(log, "utf8").split("\n").slice(1, -1);
  return lines.map((line) => {
    const [name, revision] = line.split(" ") as [string, string];
    const deleted = name.startsWith("-");
    return { key: deleted ? name.slice(1) : name, revision: Number(revision), deleted };
  });
}

function isThere(item: { modRevision: number; value: Buffer } | undefined, key: string, at: number): boolean {
  return item?.modRevision === at && item.value.toString() === `${key} `.repeat(40);
}

function mayBeDeleted(key: string): boolean {
  return Number(key.split("/").at(-1)) % 5 === 4;
}
