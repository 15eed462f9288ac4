import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isBerthError } from "@berth/base";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";
import { storeUnreachable } from "../../core/store/errors.ts";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { checkFile, openSqliteStore } from "../../core/store/sqlite-store.ts";
import type { Store } from "../../core/store/store.ts";
import type { ServerProcessSettings } from "./server-process.ts";

export type BackendName = "sqlite" | "etcd";

/** Where the objects lie: a file, or a real etcd of one member. */
export interface Backend {
  readonly name: BackendName;
  readonly settings: ServerProcessSettings["backend"];
  start(): Promise<void>;
  /** As a crash does; a file has no process of its own. */
  kill(): Promise<void>;
  /** Opens what lies in another folder, a copy of this backend's own. */
  openCopy(folder: string): Promise<{ store: Store; close: () => Promise<void> }>;
}

export async function prepareBackend(name: BackendName, folder: string): Promise<Backend> {
  return name === "sqlite" ? sqliteBackend(folder) : await etcdBackend(folder);
}

function sqliteBackend(folder: string): Backend {
  const fileIn = (place: string): string => join(place, "store.db");
  return {
    name: "sqlite",
    settings: { path: fileIn(folder) },
    start: async () => {},
    kill: async () => {},
    async openCopy(place) {
      checkFile(fileIn(place));
      const store = await openSqliteStore({ path: fileIn(place) });
      return { store, close: () => store.close() };
    },
  };
}

async function etcdBackend(folder: string): Promise<Backend> {
  mkdirSync(join(folder, "etcd"), { recursive: true });
  const etcd = await EtcdProcess.prepare(join(folder, "etcd"));
  return {
    name: "etcd",
    settings: { servers: [etcd.server] },
    start: async () => void (await etcd.start()),
    kill: () => etcd.kill(),
    async openCopy(place) {
      const copy = await (await EtcdProcess.prepare(join(place, "etcd"))).start();
      const store = await openWhenItServes(copy).catch(async (error: unknown) => {
        await copy.kill();
        throw error;
      });
      return {
        store,
        async close() {
          await store.close();
          await copy.kill("SIGTERM");
        },
      };
    },
  };
}

/** Its port answers before it has read its log and chosen its leader. */
async function openWhenItServes(etcd: EtcdProcess): Promise<Store> {
  for (const end = Date.now() + 60_000; ;) {
    try {
      return await openEtcdStore({ servers: [etcd.server] });
    } catch (error) {
      if (!isBerthError(error, storeUnreachable) || Date.now() > end) throw error;
    }
  }
}
