import { fork } from "node:child_process";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterEach, describe, expect, it } from "vitest";

import { DisposableStack } from "@berth/base";

import {
  databaseCorrupt,
  databaseFailed,
  databaseForeign,
  databaseFull,
  databaseLocked,
  databaseNewerFormat,
  databaseReadOnly,
} from "@berth/sqlite";

import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import type { Store } from "../../core/store/store.ts";

const undo: DisposableStack[] = [];
afterEach(async () => {
  for (const stack of undo.splice(0)) await stack.dispose();
});

function directory(): string {
  const stack = new DisposableStack("test");
  undo.push(stack);
  const path = mkdtempSync(join(tmpdir(), "berth-store-"));
  stack.defer(path, () => rmSync(path, { recursive: true }));
  return path;
}

async function filled(path: string, keys = 200): Promise<void> {
  const store = await openSqliteStore({ path });
  await Promise.all(Array.from({ length: keys }, (_, i) => store.create(`/k/${i}`, Buffer.alloc(1000, i))));
  await store.close();
}

/** A file system of its own, as large as asked. */
function smallDisk(megabytes: number): string {
  const path = directory();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  undo.at(-1)!.defer(`mount ${path}`, () => void execFileSync("umount", [path]));
  return path;
}

/** A file system whose disk has fewer blocks than it says, until it is healed: writing fails when it is synced. */
function failingDisk(): { disk: string; heal: () => void } {
  const outer = smallDisk(6);
  const image = join(outer, "image");
  execFileSync("truncate", ["-s", "64M", image]);
  execFileSync("mkfs.ext2", ["-q", "-F", image]);
  const disk = directory();
  execFileSync("mount", ["-o", "loop", image, disk]);
  const stack = new DisposableStack("disk");
  undo.unshift(stack);
  stack.defer(`mount ${disk}`, () => void execFileSync("umount", [disk]));
  return { disk, heal: () => void execFileSync("mount", ["-o", "remount,size=128m", outer]) };
}

function hold(store: Store): Store {
  const stack = new DisposableStack("store");
  undo.unshift(stack);
  stack.defer("store", () => store.close());
  return store;
}

describe("a store file", () => {
  it("keeps everything, its id and its revision, from one opening to the next", async () => {
    const path = join(directory(), "store.db");
    const first = await openSqliteStore({ path });
    const { id } = first.info;
    await first.create("/a", Buffer.from("1"));
    await first.delete("/a");
    const revision = await first.currentRevision();
    await first.compact(revision);
    await first.close();
    const second = hold(await openSqliteStore({ path }));
    expect(second.info.id).toBe(id);
    expect(await second.currentRevision()).toBe(revision);
    expect(await second.compactedRevision()).toBe(revision);
    expect(await second.count("")).toBe(0);
    await second.close();
    const db = new DatabaseSync(path);
    expect(db.prepare("SELECT COUNT(*) AS left FROM log").get()).toEqual({ left: 0 });
    db.close();
  });

  it("is refused to a second process, which is told the pid of the first", async () => {
    const path = join(directory(), "store.db");
    const holder = fork(new URL("../support/store-holder.ts", import.meta.url), [path]);
    await new Promise((resolve) => holder.once("message", resolve));
    try {
      await expect(openSqliteStore({ path })).rejects.toMatchObject({
        definition: databaseLocked,
        fields: { pid: holder.pid },
        message: expect.stringContaining(`process ${holder.pid}`) as string,
      });
    } finally {
      const exited = new Promise((resolve) => holder.once("exit", resolve));
      holder.kill("SIGKILL");
      await exited;
    }
    hold(await openSqliteStore({ path }));
  });

  it("is refused to a second opening in the same process", async () => {
    const path = join(directory(), "store.db");
    hold(await openSqliteStore({ path }));
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ definition: databaseLocked });
  });

  it.each([
    ["cut short", (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ["emptied", (path: string) => truncateSync(path, 0)],
    ["overwritten at its head", (path: string) => overwrite(path, 0, 4096)],
    ["overwritten inside", (path: string) => overwrite(path, statSync(path).size / 2, 40_000)],
    ["no database at all", (path: string) => writeFileSync(path, "apiVersion: v1\nkind: Pod\n".repeat(300))],
  ])("that was %s is refused at once and left as it is", async (_, damage) => {
    const path = join(directory(), "store.db");
    await filled(path);
    damage(path);
    const before = readFileSync(path);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      definition: databaseCorrupt,
      message: expect.stringContaining(path) as string,
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("of a newer format is refused and left as it is", async () => {
    const path = join(directory(), "store.db");
    await filled(path, 1);
    setPragma(path, "user_version = 2");
    const before = readFileSync(path);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      definition: databaseNewerFormat,
      message: expect.stringContaining("format 2") as string,
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("that is another program's database is refused and left as it is", async () => {
    const path = join(directory(), "other.db");
    setPragma(path, "application_id = 7");
    const before = readFileSync(path);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ definition: databaseForeign });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("in a place that cannot be written is refused with the way out", async () => {
    const disk = smallDisk(4);
    const path = join(disk, "store.db");
    await filled(path, 1);
    execFileSync("mount", ["-o", "remount,ro", disk]);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ definition: databaseReadOnly });
    await expect(openSqliteStore({ path: join(disk, "new.db") })).rejects.toMatchObject({
      definition: databaseReadOnly,
    });
    const taken = join(directory(), "file");
    writeFileSync(taken, "");
    await expect(openSqliteStore({ path: join(taken, "store.db") })).rejects.toMatchObject({
      definition: databaseReadOnly,
    });
  });

  it("leaves nothing half-made when there is no room to create it", async () => {
    const disk = smallDisk(1);
    writeFileSync(join(disk, "ballast"), Buffer.alloc(1024 * 1024 - 8192));
    await expect(openSqliteStore({ path: join(disk, "store.db") })).rejects.toMatchObject({
      definition: databaseFull,
    });
    expect(readdirSync(disk)).toEqual(["ballast"]);
  });

  it("on a full disk refuses writes, still answers reads, loses nothing and goes on when there is room", async () => {
    const disk = smallDisk(6);
    const path = join(disk, "store.db");
    const store = hold(await openSqliteStore({ path }));
    const acknowledged: string[] = [];
    let failure: unknown;
    for (let i = 0; failure === undefined; i++) {
      try {
        await store.create(`/k/${i}`, Buffer.alloc(100_000, 1));
        acknowledged.push(`/k/${i}`);
      } catch (error) {
        failure = error;
      }
    }
    expect(failure).toMatchObject({ definition: databaseFull });
    const { items } = await store.list("/k/");
    expect(items.map(({ key }) => key).sort()).toEqual(acknowledged.sort());
    execFileSync("mount", ["-o", "remount,size=32m", disk]);
    expect(await store.create("/k/after", Buffer.alloc(100_000))).toMatchObject({ written: true });
  });

  it("on a disk that has failed once takes no more writes, however well it seems, and has every acknowledged one", async () => {
    const { disk, heal } = failingDisk();
    const path = join(disk, "store.db");
    const store = hold(await openSqliteStore({ path }));
    const acknowledged: string[] = [];
    const write = async (key: string): Promise<void> => {
      await store.create(key, Buffer.alloc(100_000, 1));
      acknowledged.push(key);
    };
    const failure = await (async () => {
      for (let i = 0; ; i++) await write(`/k/${i}`);
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ definition: databaseFailed });
    heal();
    await expect(write("/k/after")).rejects.toMatchObject({
      definition: databaseFailed,
      message: expect.stringContaining("takes no more writes") as string,
    });
    expect(await store.count("/k/")).toBe(acknowledged.length);
    await store.close();
    const again = hold(await openSqliteStore({ path }));
    const keys = (await again.list("/k/")).items.map(({ key }) => key);
    expect(acknowledged.filter((key) => !keys.includes(key))).toEqual([]);
    expect(await again.create("/k/later", Buffer.alloc(100_000))).toMatchObject({ written: true });
  });

  it("whose worker dies tells all who wait, all who watch and all who come later", async () => {
    const workerUrl = new URL("../support/dying-store-worker.ts", import.meta.url);
    const store = hold(await openSqliteStore({ path: join(directory(), "store.db"), workerUrl }));
    const ended = new Promise((resolve) => {
      store.watch("/", 1, { events: () => {}, progress: () => {}, ended: resolve });
    });
    const asked = await Promise.allSettled([store.get("/a"), store.create("/a", Buffer.from("1"))]);
    for (const one of [...asked, ...(await Promise.allSettled([store.list("/")]))])
      expect(one).toMatchObject({ status: "rejected", reason: { definition: databaseFailed } });
    expect(await ended).toMatchObject({ definition: databaseFailed });
  });

  it("copied while its holder writes opens as it was at some commit", async () => {
    const folder = directory();
    const path = join(folder, "store.db");
    const store = hold(await openSqliteStore({ path }));
    for (let i = 0; i < 50; i++) await store.create(`/k/${i}`, Buffer.alloc(1000));
    mkdirSync(join(folder, "copy"));
    for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(folder, "copy", `store.db${suffix}`));
    const copy = hold(await openSqliteStore({ path: join(folder, "copy", "store.db") }));
    expect(await copy.count("/k/")).toBe(50);
  });
});

function overwrite(path: string, from: number, length: number): void {
  const content = readFileSync(path);
  content.fill(0xa5, from, from + length);
  writeFileSync(path, content);
}

function setPragma(path: string, pragma: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA ${pragma}; PRAGMA wal_checkpoint(TRUNCATE)`);
  if (pragma.startsWith("application_id")) db.exec("CREATE TABLE notes (text)");
  db.close();
}
