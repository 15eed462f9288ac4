import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

/** Where a server answers, and what lets one in. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** Files in PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly token: string;
  /** Of the server's process. */
  readonly pid: number;
}

export interface LoadJob {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Of a created object. */
  readonly valueBytes?: number;
  readonly clients: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly perSecond: number;
  /** Milliseconds of a request. wrk adds what those would have waited who were not sent because an earlier one was slow. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of a processor that the server took for one answer, in all of its threads. */
  readonly processor: number;
}

export const clients = 64;
export const oneObject = "/api/v1/namespaces/kube-system";
export const configMaps = "/api/v1/namespaces/default/configmaps";

/** Clients that ask one request after the other: wrk, which is native and takes little from the processors that the server needs. */
export async function load(place: Place, job: LoadJob): Promise<LoadResult> {
  const script = join(import.meta.dirname, "wrk.lua");
  const args = ["--threads", "1", "--connections", String(job.clients), "--duration", `${job.seconds}s`];
  args.push("--timeout", "30s", "--script", script);
  const env = {
    ...process.env,
    LOAD_METHOD: job.method,
    LOAD_PATH: job.path,
    LOAD_TOKEN: place.token,
    LOAD_PREFIX: randomBytes(6).toString("hex"),
    LOAD_VALUE_BYTES: String(job.valueBytes ?? 850),
  };
  const url = `https://${place.host}:${place.port}`;
  const before = await processorMicroseconds(place.pid);
  const { stdout } = await promisify(execFile)("wrk", [...args, url], { env }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw new Error("the load generator is missing: apt-get install wrk");
      throw error;
    },
  );
  const { answers, refused, broken, microseconds, p50, p99 } = JSON.parse(
    stdout.trimEnd().split("\n").at(-1) ?? "",
  ) as Readonly<Record<"answers" | "refused" | "broken" | "microseconds" | "p50" | "p99", number>>;
  if (refused + broken > 0)
    throw new Error(`of ${answers} requests ${refused} were refused and ${broken} got no answer`);
  const processor = ((await processorMicroseconds(place.pid)) - before) / answers;
  return { answers, perSecond: (answers / microseconds) * 1e6, p50: p50 / 1000, p99: p99 / 1000, processor };
}

/** As the kernel accounts for it, in hundredths of a second (utime and stime in proc_pid_stat(5)). */
async function processorMicroseconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Creates until there are at least so many objects: those of the second in which that happens, too. */
export async function fill(place: Place, upTo: number, job: Partial<LoadJob> = {}): Promise<void> {
  const creates: LoadJob = { method: "POST", path: configMaps, clients, seconds: 1, ...job };
  while ((await count(place, creates.path)) < upTo) await load(place, creates);
}

/** Removes everything in a collection. */
export async function removeAll(place: Place, path: string): Promise<void> {
  await ask(place, "DELETE", path);
}

/** Of the objects in a collection. */
async function count(place: Place, path: string): Promise<number> {
  const list = JSON.parse(await ask(place, "GET", `${path}?limit=1`)) as {
    readonly metadata: { readonly remainingItemCount?: number };
    readonly items: readonly unknown[];
  };
  return list.items.length + (list.metadata.remainingItemCount ?? 0);
}

async function ask(place: Place, method: string, path: string): Promise<string> {
  const ca = await readFile(place.authority);
  const headers = { authorization: `Bearer ${place.token}` };
  const asked = request({ host: place.host, port: place.port, path, method, ca, headers });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const body = await text(answer);
  if (answer.statusCode !== 200)
    throw new Error(`${method} ${path} was answered with ${answer.statusCode}: ${body}`);
  return body;
}
