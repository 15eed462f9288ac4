/**
 * An API server over a SQLite store in a process of its own; prints its place as JSON, ends with its stdin. To every line it
 * answers with the number of commit groups so far: a store tells a watcher of everything once for each of them.
 */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "@berth/base";
import { openSqliteStore } from "../../../core/store/sqlite-store.ts";
import { startTestApiServer } from "../../support/api-server.ts";

const folder = process.argv[2]!;
const store = await openSqliteStore({ path: join(folder, "store.db"), clock: systemClock });
const token = randomBytes(32).toString("hex");
const user = { name: "bench", groups: ["system:masters"] };
const api = await startTestApiServer({ store, settings: { staticTokens: new Map([[token, user]]) } });
const admin = await api.pki.leaf("bench", {
  commonName: "bench",
  organizations: ["system:masters"],
  usages: ["client"],
});
const files = {
  authority: join(folder, "ca.pem"),
  certificate: join(folder, "client.pem"),
  key: join(folder, "client.key"),
};
await writeFile(files.authority, api.pki.authorityCertificate);
await writeFile(files.certificate, admin.certificate);
await writeFile(files.key, admin.key, { mode: 0o600 });
process.stdout.write(
  `${JSON.stringify({ host: "127.0.0.1", port: api.server.port, token, pid: process.pid, ...files })}\n`,
);
let groups = 0;
store.watch("/", await store.currentRevision(), {
  events: () => void groups++,
  progress: () => {},
  ended: () => {},
});
const lines = createInterface({ input: process.stdin });
lines.on("line", () => process.stdout.write(`${groups}\n`));
lines.on("close", () => {
  void api
    .dispose()
    .then(() => store.close())
    .then(() => process.exit());
});
