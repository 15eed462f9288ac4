import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { finished } from "node:stream/promises";
import type { LoadJob, LoadResult } from "./load-job.ts";
import { startHelper } from "./processes.ts";

/** Where a server answers, and who asks it. */
export type Place = Pick<LoadJob, "host" | "port" | "authority" | "certificate" | "key">;
export type Wanted = Partial<LoadJob> & Pick<LoadJob, "kind" | "path">;

export const clients = 64;
const processes = 2;
export const configMaps = "/api/v1/namespaces/default/configmaps";

/** The load of one process, of one client when nothing else is said. */
export async function load(place: Place, job: Wanted): Promise<LoadResult> {
  const usual = { prefix: "bench", valueBytes: 850, clients: 1, seconds: 5, requestsPerClient: 1e9 };
  const helper = startHelper("load-client", JSON.stringify({ ...place, ...usual, ...job }));
  try {
    const result = JSON.parse(await helper.line()) as LoadResult;
    if (result.failed > 0) throw new Error(`${result.failed} requests of the load were refused`);
    return result;
  } finally {
    await helper.end();
  }
}

export interface CrowdResult {
  readonly perSecond: number;
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
}

/** The load of 64 clients in several processes. */
export async function crowd(place: Place, job: Wanted): Promise<CrowdResult> {
  const results = await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      load(place, { ...job, clients: clients / processes, prefix: `${job.prefix ?? "bench"}-${index}` }),
    ),
  );
  const latencies = results.flatMap((result) => [...result.latencies]);
  return { perSecond: latencies.length / Math.max(...results.map(({ seconds }) => seconds)), latencies };
}

/** Creates about as many objects as asked for, never fewer, however long it takes. */
export async function fill(place: Place, count: number, job: Partial<LoadJob>): Promise<CrowdResult> {
  const requestsPerClient = Math.ceil(count / clients);
  return await crowd(place, { kind: "create", path: configMaps, seconds: 600, ...job, requestsPerClient });
}

/** Removes everything in a collection. */
export async function removeAll(place: Place, path: string): Promise<void> {
  const [ca, cert, key] = await Promise.all(
    [place.authority, place.certificate, place.key].map((file) => readFile(file)),
  );
  const asked = request({ host: place.host, port: place.port, path, method: "DELETE", ca, cert, key });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  await finished(answer.resume());
  if (answer.statusCode !== 200) throw new Error(`DELETE ${path} was answered with ${answer.statusCode}`);
}
