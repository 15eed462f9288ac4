/**
 * An API server over a SQLite store in a process of its own. Prints its place as one line of JSON; what it logs as an error goes
 * to stderr, a line each. Ends with its stdin.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Logger, systemClock } from "@berth/base";
import { kindOf } from "../../core/api/index.ts";
import { readKubeconfig } from "../../core/client/index.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { samples } from "./samples.ts";

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
const admin = await api.client("in-process");
/** Requests delete them, too: they are there again a moment later. */
async function keepSamples(): Promise<void> {
  for (const sample of Object.values(samples)) {
    const kind = kindOf(sample);
    // What it answers says that it is there already, or what requests have made of others.
    if (kind)
      await admin
        .resource(kind)
        .create(sample)
        .catch(() => {});
  }
}
await keepSamples();
const keeping = setInterval(() => void keepSamples(), 1000);
const { authority, certificate } = await readKubeconfig(api.kubeconfig);
const place = {
  port: api.server.port,
  ca: authority!,
  cert: certificate!.certificate,
  key: certificate!.key,
};
process.stdout.write(`${JSON.stringify(place)}\n`);
process.stdin.on("end", () => {
  clearInterval(keeping);
  void api
    .dispose()
    .then(() => store.close())
    .then(() => rm(folder, { recursive: true, force: true }))
    .then(() => process.exit());
});
process.stdin.resume();
