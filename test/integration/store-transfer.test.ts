import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { ConfigMap } from "../../core/api/index.ts";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { openMemoryStore } from "../../core/store/memory-store.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import type { Store } from "../../core/store/store.ts";
import { exportStore } from "../../core/store/transfer/export-store.ts";
import { importInto } from "../../core/store/transfer/import-store.ts";
import { checkExport } from "../../core/store/transfer/export-file.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { builtProgram } from "../support/built-core.ts";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";

const program = builtProgram();
const folder = mkdtempSync(join(tmpdir(), "berth-transfer-"));
let etcd: EtcdProcess;
let tests = 0;
let place: string;

beforeAll(async () => {
  etcd = await (await EtcdProcess.prepare(folder)).start();
});
afterAll(async () => {
  await etcd.kill();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  place = join(folder, `${tests++}`);
  mkdirSync(place);
});

const berth = async (...args: string[]): Promise<{ code: number; said: string }> => {
  const { exitCode, all } = await execa(process.execPath, [program, "store", ...args], {
    all: true,
    reject: false,
  });
  return { code: exitCode ?? -1, said: all };
};
const inFolder = (name: string): string[] => ["--data-dir", join(place, name)];
const inEtcd = (root: string): string[] => ["--etcd-servers", etcd.server, "--etcd-prefix", root];
const file = (name: string): string => join(place, name);
const openFolder = (name: string): Promise<Store> => openSqliteStore({ path: join(place, name, "store.db") });

/** Keys and bytes, and who ends by himself. */
async function contents(store: Store): Promise<object> {
  const { items } = await store.list("");
  return {
    items: items.map(({ key, value }) => [key, value.toString("hex")]),
    ending: [...(await store.lifetimes("")).keys()],
  };
}

async function filled(name: string): Promise<{ before: object; revision: number }> {
  const store = await openFolder(name);
  for (let i = 0; i < 1200; i += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, j) => store.create(`/k/${i + j}`, Buffer.from([0, 255, i % 256, j]))),
    );
  await store.delete("/k/7");
  await store.create("/ends", Buffer.from("soon"), { ttlSeconds: 3600 });
  const result = { before: await contents(store), revision: await store.currentRevision() };
  await store.close();
  return result;
}

it("moves everything from a file to etcd and back, and no revision goes back", async () => {
  const { before, revision } = await filled("a");
  expect(await berth("export", file("one"), ...inFolder("a"))).toMatchObject({ code: 0 });
  expect(await berth("check", file("one"))).toMatchObject({
    code: 0,
    said: expect.stringContaining("1200 objects") as string,
  });
  expect(await berth("import", file("one"), ...inEtcd("/moved"))).toMatchObject({ code: 0 });
  const moved = await openEtcdStore({ servers: [etcd.server], root: "/moved" });
  expect(await contents(moved)).toEqual(before);
  const later = await moved.create("/later", Buffer.from("1"));
  const inEtcdRevision = later.written ? later.item.modRevision : 0;
  expect(inEtcdRevision).toBeGreaterThan(revision);
  await moved.delete("/later");
  await moved.close();

  expect(await berth("check", ...inEtcd("/moved"))).toMatchObject({ code: 0 });
  expect(await berth("compact", ...inEtcd("/moved"))).toMatchObject({ code: 0 });
  expect(await berth("export", file("two"), ...inEtcd("/moved"))).toMatchObject({ code: 0 });
  expect(await berth("import", file("two"), ...inFolder("b"))).toMatchObject({ code: 0 });
  expect(await berth("check", ...inFolder("b"))).toMatchObject({ code: 0 });
  const back = await openFolder("b");
  expect(await contents(back)).toEqual(before);
  expect(await back.currentRevision()).toBeGreaterThan(inEtcdRevision);
  await back.close();
});

it("answers resource versions and continue tokens of the former store with 410", async () => {
  const configMaps = { group: "", version: "v1", resource: "configmaps", namespaced: true };
  const namespace = "default";
  const former = await openFolder("a");
  const first = await startTestApiServer({ store: former });
  const maps = (await first.client("https")).resource<ConfigMap>(configMaps);
  for (const name of ["a", "b", "c"])
    await maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }, { namespace });
  const page = await maps.list({ namespace, limit: 1 });
  await first.dispose();
  await former.close();
  await berth("export", file("one"), ...inFolder("a"));
  await berth("import", file("one"), ...inEtcd("/served"));
  const store = await openEtcdStore({ servers: [etcd.server], root: "/served" });
  const second = await startTestApiServer({ store, settings: { sharedStore: true } });
  try {
    const again = (await second.client("https")).resource<ConfigMap>(configMaps);
    expect((await again.list({ namespace })).items.map(({ metadata }) => metadata.name)).toEqual([
      "a",
      "b",
      "c",
    ]);
    await expect(again.list({ namespace, limit: 1, continue: page.continue! })).rejects.toMatchObject({
      code: 410,
    });
    const watch = again.watch({ namespace, resourceVersion: page.resourceVersion });
    await expect(watch[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 410 });
  } finally {
    await second.dispose();
    await store.close();
  }
});

it("refuses a file that was cut short or changed, and writes nothing", async () => {
  await filled("a");
  await berth("export", file("whole"), ...inFolder("a"));
  const lines = readFileSync(file("whole"), "utf8").split("\n");
  const without = (index: number): string => lines.toSpliced(index, 1).join("\n");
  const damaged = {
    "no end": lines.slice(0, -2).join("\n"),
    "half a line": readFileSync(file("whole"), "utf8").slice(0, 5000),
    "a line less": without(50),
    "other bytes": lines.with(3, lines[3]!.replace('"value":"AP', '"value":"AQ')).join("\n"),
    "no head": without(0),
    empty: "",
  };
  for (const [what, text] of Object.entries(damaged)) {
    writeFileSync(file("damaged"), text);
    await expect(checkExport(file("damaged")), what).rejects.toMatchObject({
      code: "BERTH_STORE_EXPORT_DAMAGED",
    });
  }
  const { code, said } = await berth("import", file("damaged"), ...inFolder("b"));
  expect(code).toBe(1);
  expect(said).toContain("BERTH_STORE_EXPORT_DAMAGED");
  expect((await berth("check", ...inFolder("b"))).code).toBe(1);
});

it("begins an import anew that was killed, and lets nobody into one that is at work", async () => {
  await filled("a");
  await berth("export", file("one"), ...inFolder("a"));
  const half = await openSqliteStore({ path: join(place, "b", "store.db.importing") });
  await half.create("/k/half", Buffer.from("1"));
  expect((await berth("import", file("one"), ...inFolder("b"))).said).toContain(`process ${process.pid}`);
  await half.close();
  expect(await berth("import", file("one"), ...inFolder("b"))).toMatchObject({ code: 0 });
  expect(readdirSync(join(place, "b"))).toEqual(["store.db"]);
  const imported = await openFolder("b");
  expect(await imported.count("/k/")).toBe(1199);
  await imported.close();
});

it("exports one state of a store that is written meanwhile", async () => {
  const store = openMemoryStore();
  for (let i = 1000; i < 1600; i++) await store.create(`/k/${i}`, Buffer.from("1"));
  let pages = 0;
  const writing = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "list") return typeof value === "function" ? (value.bind(target) as unknown) : value;
      return async (...args: Parameters<Store["list"]>) => {
        if (++pages === 2) {
          await target.delete("/k/1550");
          await target.create("/k/1999", Buffer.from("late"));
        }
        return await target.list(...args);
      };
    },
  });
  const { head, end } = await exportStore(writing, file("one"));
  expect(end.items).toBe(600);
  const text = readFileSync(file("one"), "utf8");
  expect([text.includes('"/k/1550"'), text.includes('"/k/1999"')]).toEqual([true, false]);

  // In none of these may it go on: revisions would go back, or two stores would be mixed.
  const behind = openMemoryStore({ revisionOffset: head.revision - 10 });
  await expect(importInto(behind, file("one"))).rejects.toMatchObject({
    code: "BERTH_STORE_IMPORT_REFUSED",
    message: expect.stringContaining("resource versions would go back") as string,
  });
  const taken = openMemoryStore({ revisionOffset: head.revision });
  await taken.create("/other", Buffer.from("1"));
  await expect(importInto(taken, file("one"))).rejects.toMatchObject({
    code: "BERTH_STORE_IMPORT_REFUSED",
    message: expect.stringContaining("is not empty: 1 objects") as string,
  });
  expect(await taken.count("/k/")).toBe(0);
  for (const one of [store, behind, taken]) await one.close();
});

it("writes an export over another file only, and says why it cannot", async () => {
  await filled("a");
  symlinkSync("/dev/null", file("link"));
  mkdirSync(file("folder"));
  for (const name of ["link", "folder", "no/such/folder"]) {
    const { code, said } = await berth("export", file(name), ...inFolder("a"));
    expect(code).toBe(1);
    expect(said).toContain("BERTH_STORE_EXPORT_UNWRITABLE");
  }
  expect(lstatSync(file("link")).isSymbolicLink()).toBe(true);
  // What is secret goes to no file that somebody else has open.
  writeFileSync(file("one.partial"), "", { mode: 0o644 });
  expect(await berth("export", file("one"), ...inFolder("a"))).toMatchObject({ code: 0 });
  expect(lstatSync(file("one")).mode & 0o777).toBe(0o600);
  expect((await berth("check", file("none"))).said).toContain("BERTH_STORE_FILE_UNREADABLE");
  expect((await berth("check", ...inFolder("none"))).said).toContain("BERTH_STORE_MISSING");
  const holder = await openFolder("a");
  expect((await berth("check", ...inFolder("a"))).said).toContain(`process ${process.pid}`);
  await holder.close();
});

it("imports into no store that exists, and takes no half import for a store", async () => {
  await filled("a");
  await berth("export", file("one"), ...inFolder("a"));
  expect((await berth("import", file("one"), ...inFolder("a"))).said).toContain("BERTH_STORE_IMPORT_REFUSED");
  const other = await openEtcdStore({ servers: [etcd.server], root: "/other" });
  await other.create("/k", Buffer.from("1"));
  await other.close();
  expect((await berth("import", file("one"), ...inEtcd("/other"))).said).toContain(
    "BERTH_STORE_IMPORT_REFUSED",
  );
  const half = await openEtcdStore({ servers: [etcd.server], root: "/half", importing: true });
  await half.close();
  await expect(openEtcdStore({ servers: [etcd.server], root: "/half" })).rejects.toMatchObject({
    code: "BERTH_STORE_FOREIGN",
  });
});

it("makes no store where a prefix is mistyped, and names those there are", async () => {
  await (await openEtcdStore({ servers: [etcd.server], root: "/far/away" })).close();
  for (const args of [["check"], ["compact"], ["export", file("none")]]) {
    const { code, said } = await berth(...args, ...inEtcd("/far/awya"));
    expect(code).toBe(1);
    expect(said).toContain("BERTH_STORE_MISSING");
    expect(said).toMatch(/no store at \/far\/awya; stores are at .*\/far\/away\b/);
  }
  const still = openEtcdStore({ servers: [etcd.server], root: "/far/awya", mustExist: true });
  await expect(still).rejects.toMatchObject({ code: "BERTH_STORE_MISSING" });
});
