import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createApiClient, httpsTransport } from "../../../core/client/index.ts";
import type { QuietRounds } from "../quiet-rounds.ts";
import { type Figures, median, percentile, type Report, rounded } from "../suite.ts";
import type { Place } from "./load.ts";
import { type LineProcess, startHelper } from "./processes.ts";
import type { WatchJob } from "./watch-job.ts";

const watched = "/api/v1/namespaces/kube-public/configmaps";
/** 10 000 handshakes take half a minute on two quiet processors. */
const openingSeconds = 180;

/** The first events meet code that is new to the server and to the watchers: they are nobody's figure. */
const rehearsals = 10;
const events = 100;

/** How long the last of 1 000 watchers waits for an event. */
export async function watching(place: Place, quiet: QuietRounds, report: Report): Promise<Figures> {
  report("1 000 watches open");
  const job: WatchJob = {
    ...place,
    path: `${watched}?watch=true&resourceVersion=0`,
    watches: 1000,
    connections: 20,
  };
  const helper = startHelper("watch-client", JSON.stringify(job));
  const [certificate, key, authority] = await Promise.all(
    [place.certificate, place.key, place.authority].map((file) => readFile(file, "utf8")),
  );
  const https = httpsTransport({
    server: `https://${place.host}:${place.port}`,
    user: "bench",
    authority: authority!,
    certificate: { certificate: certificate!, key: key! },
  });
  try {
    if (!(await areOpen(helper))) {
      report(`NOT MEASURED: 1 000 watches were not open after ${openingSeconds} s`);
      return {};
    }
    const client = createApiClient(https);
    const wait = async (): Promise<number> => {
      const asked = performance.timeOrigin + performance.now();
      await client.request({
        method: "POST",
        path: watched,
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "event-" } },
      });
      return Number(await helper.line()) - asked;
    };
    for (let rehearsal = 0; rehearsal < rehearsals; rehearsal++) await wait();
    const rounds = await quiet.of("1 000 watchers wait for the same event", async () => {
      const waits: number[] = [];
      while (waits.length < events) waits.push(await wait());
      return waits;
    });
    const waits = rounds.flat();
    return {
      "api.watch1000_ms.p50": rounded(median(waits)),
      "api.watch1000_ms.p99": rounded(percentile(waits, 0.99)),
    };
  } finally {
    https.dispose();
    await helper.end();
  }
}

/** By how much the server's memory grows for 10 000 idle watches, under the name of that figure. */
export async function idleWatches(
  name: string,
  place: Place,
  server: LineProcess,
  connections: number,
  report: Report,
): Promise<Figures> {
  report(`10 000 watches idle over ${connections} connections`);
  const before = await residentMb(server.pid);
  const job: WatchJob = { ...place, path: `${watched}?watch=true`, watches: 10_000, connections };
  const helper = startHelper("watch-client", JSON.stringify(job));
  try {
    if (!(await areOpen(helper))) {
      report(`NOT MEASURED: ${name}: 10 000 watches were not open after ${openingSeconds} s`);
      return {};
    }
    return { [name]: rounded((await residentMb(server.pid)) - before) };
  } finally {
    await helper.end();
  }
}

async function areOpen(watchers: LineProcess): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(openingSeconds * 1000, "late", { signal: over.signal }).catch(() => "late");
  const said = await Promise.race([watchers.line(), late]);
  over.abort();
  return said === "ready";
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
