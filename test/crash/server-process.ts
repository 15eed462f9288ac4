/** An API server in a process of its own: `node server-process.ts '{"folder","port","path"|"servers"}'`. */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock } from "@berth/base";
import { createApiServer } from "../../core/apiserver/api-server.ts";
import { openPki } from "../../core/http/index.ts";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";

export interface ServerProcessSettings {
  readonly folder: string;
  readonly port: number;
  readonly backend: { readonly path: string } | { readonly servers: readonly string[] };
}

const { folder, port, backend } = JSON.parse(process.argv[2]!) as ServerProcessSettings;
const store = "path" in backend ? await openSqliteStore(backend) : await openEtcdStore(backend);
const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
const settings = {
  host: "127.0.0.1",
  port,
  advertiseAddress: "127.0.0.1",
  version: "0.0.0-crash",
  sharedStore: "servers" in backend,
};
const server = createApiServer({ settings, store, pki, clock: systemClock, logger: silentLogger });
await server.start();
writeSync(1, "ready\n");
