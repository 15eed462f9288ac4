/**
 * An API server over a SQLite store in a process of its own. Prints its place as one line of JSON; what it logs as an error goes
 * to stderr, a line each. Ends with its stdin.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, systemClock } from "@berth/base";
import { readKubeconfig } from "../../core/client/index.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import { startTestApiServer } from "../support/api-server.ts";

const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (message, fields) => void process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`),
  with: () => logger,
};
const folder = await mkdtemp(join(tmpdir(), "berth-fuzz-"));
const store = await openSqliteStore({ path: join(folder, "store.db"), clock: systemClock });
const api = await startTestApiServer({ store, logger });
const { authority, certificate } = await readKubeconfig(api.kubeconfig);
const place = {
  port: api.server.port,
  ca: authority!,
  cert: certificate!.certificate,
  key: certificate!.key,
};
process.stdout.write(`${JSON.stringify(place)}\n`);
process.stdin.on("end", () => {
  void api
    .dispose()
    .then(() => store.close())
    .then(() => rm(folder, { recursive: true, force: true }))
    .then(() => process.exit());
});
process.stdin.resume();
