import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createApiClient, httpsTransport } from "../../core/client/index.ts";
import type { LoadJob, LoadResult } from "./api/load-job.ts";
import { type LineProcess, startHelper } from "./api/processes.ts";
import type { WatchJob } from "./api/watch-job.ts";
import { type BenchSuite, type Figures, median, percentile, type Report, rounded } from "./suite.ts";

type Place = Pick<LoadJob, "host" | "port" | "authority" | "certificate" | "key">;

const clients = 64;
const loadProcesses = 2;
const configMaps = "/api/v1/namespaces/default/configmaps";

/** The API server through HTTPS over a durable store; load comes from other processes. */
export const suite: BenchSuite = {
  name: "api",
  async run(report) {
    const folder = await mkdtemp(join(tmpdir(), "berth-bench-api-"));
    const server = startHelper("bench-server", folder);
    try {
      const place = JSON.parse(await server.line()) as Place;
      const figures: Figures = {
        ...(await creating(place, report)),
        ...(await reading(place, report)),
        ...(await watching(place, server, report)),
      };
      const etcd = await etcdPeer(folder, report);
      const peers: Record<string, Figures> = etcd ? { etcd } : {};
      return { figures, peers };
    } finally {
      await server.end();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function load(
  place: Place,
  job: Partial<LoadJob> & Pick<LoadJob, "kind" | "path">,
): Promise<LoadResult> {
  const whole: LoadJob = {
    ...place,
    prefix: "bench",
    valueBytes: 850,
    clients: 1,
    seconds: 5,
    requestsPerClient: 1e9,
    ...job,
  };
  const helper = startHelper("load-client", JSON.stringify(whole));
  try {
    const result = JSON.parse(await helper.line()) as LoadResult;
    if (result.failed > 0) throw new Error(`${result.failed} requests of the load were refused`);
    return result;
  } finally {
    await helper.end();
  }
}

/** The load of several processes at once. */
async function together(
  place: Place,
  job: Parameters<typeof load>[1],
): Promise<{ perSecond: number; all: number[] }> {
  const results = await Promise.all(
    Array.from({ length: loadProcesses }, (_, index) =>
      load(place, { ...job, clients: clients / loadProcesses, prefix: `${job.prefix ?? "bench"}-${index}` }),
    ),
  );
  const all = results.flatMap((result) => [...result.latencies]);
  return { perSecond: all.length / Math.max(...results.map((result) => result.seconds)), all };
}

async function creating(place: Place, report: Report): Promise<Figures> {
  report("one client creates");
  const single = await load(place, { kind: "create", path: configMaps, prefix: "one", seconds: 3 });
  report(`${clients} clients create`);
  const many = await together(place, { kind: "create", path: configMaps, prefix: "many" });
  return {
    "api.create_per_s": rounded(many.perSecond),
    "api.create64_ms.p99": rounded(percentile(many.all, 0.99)),
    "api.create_ms.p50": rounded(median(single.latencies)),
    "api.create_ms.p99": rounded(percentile(single.latencies, 0.99)),
  };
}

async function reading(place: Place, report: Report): Promise<Figures> {
  report(`${clients} clients get`);
  const gets = await together(place, { kind: "get", path: "/api/v1/namespaces/kube-system" });
  report("one client lists 10 000 objects");
  const enough = { kind: "create" as const, path: configMaps, prefix: "fill", seconds: 30 };
  await together(place, { ...enough, requestsPerClient: Math.ceil(10_000 / clients) });
  const lists = await load(place, {
    kind: "get",
    path: `${configMaps}?limit=10000`,
    requestsPerClient: 15,
    seconds: 30,
  });
  return {
    "api.get_per_s": rounded(gets.perSecond),
    "api.get64_ms.p99": rounded(percentile(gets.all, 0.99)),
    "api.list10k_ms.p50": rounded(median(lists.latencies)),
  };
}

const watched = "/api/v1/namespaces/kube-public/configmaps";

async function watching(place: Place, server: LineProcess, report: Report): Promise<Figures> {
  report("1 000 watchers wait for the same event");
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
  const waits: number[] = [];
  try {
    if ((await helper.line()) !== "ready") throw new Error("the watchers did not open");
    const client = createApiClient(https);
    for (let round = 0; round < 50; round++) {
      const asked = performance.timeOrigin + performance.now();
      await client.request({
        method: "POST",
        path: watched,
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "event-" } },
      });
      waits.push(Number(await helper.line()) - asked);
    }
  } finally {
    https.dispose();
    await helper.end();
  }
  return {
    "api.watch1000_ms.p50": rounded(median(waits)),
    "api.watch1000_ms.p99": rounded(percentile(waits, 0.99)),
    "api.watch10k_mb": await idleWatches(place, server, report),
  };
}

async function idleWatches(place: Place, server: LineProcess, report: Report): Promise<number> {
  report("10 000 watches idle over 100 connections");
  const before = await residentMb(server.pid);
  const job: WatchJob = { ...place, path: `${watched}?watch=true`, watches: 10_000, connections: 100 };
  const helper = startHelper("watch-client", JSON.stringify(job));
  try {
    if ((await helper.line()) !== "ready") throw new Error("the watchers did not open");
    return rounded((await residentMb(server.pid)) - before);
  } finally {
    await helper.end();
  }
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** etcd's own load generator, where it is installed: writes of 1 kB by 1 000 clients. */
async function etcdPeer(folder: string, report: Report): Promise<Figures | undefined> {
  const run = promisify(execFile);
  const port = 20_000 + (process.pid % 20_000);
  const client = `http://127.0.0.1:${port}`;
  const args = ["--data-dir", join(folder, "etcd"), "--log-level", "error"];
  const listen = ["--listen-client-urls", client, "--advertise-client-urls", client];
  const peers = ["--listen-peer-urls", `http://127.0.0.1:${port + 1}`];
  const stop = new AbortController();
  const etcd = run("etcd", [...args, ...listen, ...peers], { signal: stop.signal }).catch(
    (error: unknown) => error,
  );
  try {
    await run("etcdctl", ["--endpoints", client, "endpoint", "health", "--dial-timeout=10s"], {
      env: { ...process.env, ETCDCTL_API: "3" },
    });
    report("etcd measures itself (a minute)");
    const { stdout } = await run("etcdctl", ["--endpoints", client, "check", "perf", "--load=xl"], {
      env: { ...process.env, ETCDCTL_API: "3" },
      maxBuffer: 1 << 24,
    }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }));
    const perSecond = /(\d+) writes\/s/.exec(stdout)?.[1];
    return perSecond ? { "api.create_per_s": Number(perSecond) } : undefined;
  } catch (error) {
    report(`etcd is not measured: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    stop.abort();
    await etcd;
  }
}
