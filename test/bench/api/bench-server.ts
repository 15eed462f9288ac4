/** An API server over a SQLite store in a process of its own; prints its place as JSON, ends with its stdin. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@berth/base";
import { openSqliteStore } from "../../../core/store/sqlite-store.ts";
import { startTestApiServer } from "../../support/api-server.ts";

const folder = process.argv[2]!;
const store = await openSqliteStore({ path: join(folder, "store.db"), clock: systemClock });
const api = await startTestApiServer({ store });
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
process.stdout.write(`${JSON.stringify({ host: "127.0.0.1", port: api.server.port, ...files })}\n`);
process.stdin.on("end", () => {
  void api
    .dispose()
    .then(() => store.close())
    .then(() => process.exit());
});
process.stdin.resume();
