import { fill, clients, configMaps, crowd, load, type Place } from "./api/load.ts";
import { withServer } from "./api/bench-place.ts";
import { etcdPeer } from "./api/etcd-peer.ts";
import { growth, warm } from "./api/growth.ts";
import { diskSyncMs, syncsPerGroup } from "./api/syncs.ts";
import { idleWatches, watching } from "./api/watching.ts";
import {
  type BenchSuite,
  type Figures,
  median,
  percentile,
  type Report,
  rounded,
  type Target,
} from "./suite.ts";

const targets: Readonly<Record<string, Target>> = {
  "api.create_per_s": { atLeast: 4000 },
  "api.create_ms.p50": { atMost: 1 },
  "api.get_per_s": { atLeast: 12_000 },
  "api.list10k_ms.p50": { atMost: 150 },
  "api.watch1000_ms.p99": { atMost: 50 },
  "api.watch10k_mb": { atMost: 200 },
  "api.growth_ratio": { atMost: 1.3 },
};

/** The API server through HTTPS over a durable store; load comes from other processes. */
export const suite: BenchSuite = {
  name: "api",
  async run(report) {
    return await withServer(async (place, server, folder) => {
      const figures: Figures = {
        "api.disk_sync_ms.p50": diskSyncMs(folder),
        ...(await working(place, report)),
        ...(await syncsPerGroup(place, server, folder, report)),
        ...(await watching(place, report)),
        ...(await watchMemory("api.watch10k_mb", 100, report)),
        ...(await watchMemory("api.watch10k_each_mb", 10_000, report)),
      };
      const etcd = await etcdPeer(folder, report);
      const peers: Record<string, Figures> = etcd ? { etcd } : {};
      return { figures, peers, targets };
    });
  },
};

/** In a server of its own: memory that earlier load has left free would hide growth. */
async function watchMemory(name: string, connections: number, report: Report): Promise<Figures> {
  return await withServer((place, server) => idleWatches(name, place, server, connections, report));
}

async function working(place: Place, report: Report): Promise<Figures> {
  await warm(place, report);
  report("one client creates");
  const single = await load(place, { kind: "create", path: configMaps, prefix: "one", seconds: 3 });
  report(`${clients} clients create`);
  const many = await crowd(place, { kind: "create", path: configMaps, prefix: "many" });
  report(`${clients} clients get`);
  const gets = await crowd(place, { kind: "get", path: "/api/v1/namespaces/kube-system" });
  report("one client lists 10 000 objects");
  const there = single.latencies.length + many.latencies.length;
  const filled = there < 10_000 ? await fill(place, 10_000 - there, { prefix: "list" }) : undefined;
  const list = `${configMaps}?limit=10000`;
  const lists = await load(place, { kind: "get", path: list, requestsPerClient: 15, seconds: 60 });
  const stand = there + (filled?.latencies.length ?? 0);
  return {
    "api.create_per_s": rounded(many.perSecond),
    "api.create64_ms.p99": rounded(percentile(many.latencies, 0.99)),
    "api.create_ms.p50": rounded(median(single.latencies)),
    "api.create_ms.p99": rounded(percentile(single.latencies, 0.99)),
    "api.get_per_s": rounded(gets.perSecond),
    "api.get64_ms.p99": rounded(percentile(gets.latencies, 0.99)),
    "api.list10k_ms.p50": rounded(median(lists.latencies)),
    ...(await growth(place, stand, report)),
  };
}
