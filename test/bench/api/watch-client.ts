/**
 * Opens watches in a process of its own and prints, for every event, how long the last of them waited for it.
 * Arguments: job as JSON. Prints `ready`, then one number a line: milliseconds from the epoch at which the last
 * watcher had the event.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import type { WatchJob } from "./watch-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as WatchJob;
const credentials = {
  ca: readFileSync(job.authority),
  cert: readFileSync(job.certificate),
  key: readFileSync(job.key),
};

let open = 0;
let heard = 0;

/** So many at once fit into the backlog of a listening socket. */
const handshakes = 100;
let made = 0;

function connectNext(): void {
  if (made++ >= job.connections) return;
  const session = connect(`https://${job.host}:${job.port}`, credentials);
  session.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  session.on("connect", connectNext);
  for (let stream = 0; stream < job.watches / job.connections; stream++) {
    const watch = session.request({ ":path": job.path });
    watch.on("response", () => {
      if (++open === job.watches) process.stdout.write("ready\n");
    });
    watch.on("data", (chunk: Buffer) => {
      // One line is one event.
      for (const byte of chunk) if (byte === 10) heard++;
      if (heard < job.watches) return;
      heard -= job.watches;
      process.stdout.write(`${performance.timeOrigin + performance.now()}\n`);
    });
    watch.on("error", () => {});
  }
}

for (let first = 0; first < handshakes; first++) connectNext();
process.stdin.on("end", () => process.exit());
process.stdin.resume();
