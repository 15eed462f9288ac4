import { existsSync, linkSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { BerthError } from "@berth/base";
import { fsyncDirectory } from "@berth/sqlite";
import type { Command } from "commander";
import type { CliCommand, CliContext } from "../../cli/command.ts";
import { completeImport } from "../../store/etcd/etcd-meta.ts";
import { readEtcdSettings } from "../../store/etcd/etcd-settings.ts";
import { openEtcdStore } from "../../store/etcd/etcd-store.ts";
import { checkFile, openSqliteStore } from "../../store/sqlite-store.ts";
import { readEncryptionConfig } from "../../store/encryption/encryption-config.ts";
import { EncryptingTransformer } from "../../store/encryption/encrypting-transformer.ts";
import { rewriteStore } from "../../store/encryption/rewrite-store.ts";
import { storeMissing } from "../../store/errors.ts";
import type { Store } from "../../store/store.ts";
import { importRefused } from "../../store/transfer/errors.ts";
import { checkExport } from "../../store/transfer/export-file.ts";
import { exportStore } from "../../store/transfer/export-store.ts";
import { importInto } from "../../store/transfer/import-store.ts";
import { defaults, storeFile } from "../serve/core-settings.ts";
import { addEtcdOptions, type EtcdOptions, etcdSettings } from "./etcd-options.ts";

interface StoreOptions extends EtcdOptions {
  dataDir: string;
}

/** `berth store`: what an operator does to the objects as a whole. The file in a data directory belongs to its core while that runs. */
export const storeCommand: CliCommand = {
  register(program, context) {
    const store = program.command("store").description("the objects as a whole: move, check, compact");
    addExport(store, context);
    addImport(store, context);
    addCheck(store, context);
    addCompact(store, context);
    addEncrypt(store, context);
  },
};

function addExport(parent: Command, context: CliContext): void {
  addPlace(parent.command("export <file>").description("write everything that stands in the store to a file"))
    .addHelpText("after", "\nExample:\n  berth store export berth.export")
    .action(async (file: string, options: StoreOptions) => {
      const { head, end } = await withStore(options, (store) => exportStore(store, resolve(file)));
      context.print(`${end.items} objects at revision ${head.revision} are in ${file}`);
    });
}

function addImport(parent: Command, context: CliContext): void {
  addPlace(parent.command("import <file>").description("make a store of an export; it may not exist yet"))
    .addHelpText(
      "after",
      "\nExample:\n  berth store import berth.export --etcd-servers http://127.0.0.1:2379",
    )
    .action(async (file: string, options: StoreOptions) => {
      const { head } = await checkExport(file);
      const count = await importFile(file, head.revision, options);
      context.print(`${count} objects were imported; resource versions go on above ${head.revision}`);
    });
}

function addCheck(parent: Command, context: CliContext): void {
  addPlace(
    parent
      .command("check [file]")
      .description("read everything in the store, or in an export, and say whether it is whole"),
  )
    .addHelpText("after", "\nExample:\n  berth store check\n  berth store check berth.export")
    .action(async (file: string | undefined, options: StoreOptions) => {
      if (file !== undefined) {
        const { head, end } = await checkExport(file);
        return context.print(
          `${file} is whole: ${end.items} objects at revision ${head.revision} of store ${head.store}`,
        );
      }
      const found = await withStore(options, async (store) => {
        const items = await countAll(store);
        const [newest, oldest] = [await store.currentRevision(), await store.compactedRevision()];
        return `${store.info.label} is whole: ${items} objects, revision ${newest}, history from ${oldest}, id ${store.info.id}`;
      });
      // Whoever holds the file has been named by then.
      if (!etcdSettings(options)) checkFile(existing(options));
      context.print(found);
    });
}

function addCompact(parent: Command, context: CliContext): void {
  addPlace(parent.command("compact").description("forget the history; watches from before begin anew"))
    .addHelpText("after", "\nExample:\n  berth store compact")
    .action(async (options: StoreOptions) => {
      const revision = await withStore(options, async (store) => {
        const newest = await store.currentRevision();
        await store.compact(newest);
        return newest;
      });
      context.print(`history up to revision ${revision} is forgotten`);
    });
}

function addEncrypt(parent: Command, context: CliContext): void {
  const command = parent
    .command("encrypt")
    .description("write anew what does not lie there as the configuration says");
  addPlace(command)
    .requiredOption("--encryption-provider-config <file>", "EncryptionConfiguration, the new key first")
    .addHelpText("after", "\nExample:\n  berth store encrypt --encryption-provider-config encryption.yaml")
    .action(async (options: StoreOptions & { encryptionProviderConfig: string }) => {
      const transformer = new EncryptingTransformer(readEncryptionConfig(options.encryptionProviderConfig));
      const count = await withStore({ ...options, writes: true }, async (store) => {
        const rewritten = await rewriteStore(store, transformer);
        // What was overwritten is history still.
        await store.compact(await store.currentRevision());
        return rewritten;
      });
      context.print(`${count} objects were written anew`);
    });
}

function addPlace(command: Command): Command {
  command.option("--data-dir <folder>", "whose store.db is meant", defaults.dataDirectory);
  return addEtcdOptions(command);
}

function existing(options: StoreOptions): string {
  const path = storeFile({ dataDirectory: resolve(options.dataDir) });
  if (existsSync(path)) return path;
  throw new BerthError(storeMissing, `there is no store at ${path}`);
}

async function withStore<T>(
  options: StoreOptions & { readonly writes?: true },
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const etcd = etcdSettings(options);
  const store = etcd
    ? await openEtcdStore({ ...readEtcdSettings(etcd), mustExist: true, readOnly: !options.writes })
    : await openSqliteStore({ path: existing(options) });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Until it is complete no core takes it for a store: the file has another name, the root in etcd says so. */
async function importFile(file: string, revisionOffset: number, options: StoreOptions): Promise<number> {
  const etcd = etcdSettings(options);
  if (etcd) {
    const settings = readEtcdSettings(etcd);
    const count = await importTo(file, await openEtcdStore({ ...settings, revisionOffset, importing: true }));
    await completeImport(settings);
    return count;
  }
  const path = storeFile({ dataDirectory: resolve(options.dataDir) });
  if (existsSync(path)) throw new BerthError(importRefused, `there is a store at ${path} already`);
  const draft = `${path}.importing`;
  if (existsSync(draft)) await removeLeftOver(draft);
  const count = await importTo(file, await openSqliteStore({ path: draft, revisionOffset }));
  // Unlike a renaming this replaces nothing that somebody has made meanwhile.
  linkSync(draft, path);
  rmSync(draft);
  fsyncDirectory(dirname(path));
  return count;
}

/** Of an import that was killed. Another one that is at work holds it, and is named. */
async function removeLeftOver(draft: string): Promise<void> {
  await (await openSqliteStore({ path: draft })).close();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(draft + suffix, { force: true });
}

async function importTo(file: string, store: Store): Promise<number> {
  try {
    return await importInto(store, file);
  } finally {
    await store.close();
  }
}

async function countAll(store: Store): Promise<number> {
  const first = await store.list("", { limit: 500 });
  let count = first.items.length;
  for (let page = first; page.remaining > 0; count += page.items.length)
    page = await store.list("", { limit: 500, revision: first.revision, afterKey: page.items.at(-1)!.key });
  return count;
}
