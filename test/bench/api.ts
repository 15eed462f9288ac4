import {
  clients,
  configMaps,
  fill,
  load,
  type LoadJob,
  type LoadResult,
  oneObject,
  type Place,
} from "./api/load.ts";
import { withServer } from "./api/bench-place.ts";
import { etcdPeer } from "./api/etcd-peer.ts";
import { growth, warm } from "./api/growth.ts";
import { diskSyncMs, syncsPerGroup } from "./api/syncs.ts";
import { idleWatches, watching } from "./api/watching.ts";
import { QuietRounds } from "./quiet-rounds.ts";
import { type BenchSuite, type Figures, median, type Report, rounded, type Target } from "./suite.ts";

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
    const quiet = new QuietRounds(report);
    return await withServer(async (place, server, folder) => {
      const figures: Figures = {
        "api.disk_sync_ms.p50": diskSyncMs(folder),
        ...(await working(place, quiet, report)),
        ...(await syncsPerGroup(place, server, folder, report)),
        ...(await watching(place, quiet, report)),
        ...(await watchMemory("api.watch10k_mb", 100, report)),
        ...(await watchMemory("api.watch10k_each_mb", 10_000, report)),
        "api.stolen_percent": rounded(quiet.stolenPercent),
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

async function working(place: Place, quiet: QuietRounds, report: Report): Promise<Figures> {
  await warm(place, report);
  const get: LoadJob = { method: "GET", path: oneObject, clients, seconds: 3 };
  const gets = await quiet.of(`${clients} clients get`, () => load(place, get));
  const create: LoadJob = { method: "POST", path: configMaps, clients, seconds: 3 };
  const many = await quiet.of(`${clients} clients create`, () => load(place, create));
  const single = await quiet.of("one client creates", () => load(place, { ...create, clients: 1 }));
  await fill(place, 10_000);
  const list: LoadJob = { method: "GET", path: `${configMaps}?limit=10000`, clients: 1, seconds: 2 };
  const lists = await quiet.of("one client lists 10 000 objects", () => load(place, list));
  return {
    "api.create_per_s": middle(many, "perSecond"),
    "api.create64_ms.p99": middle(many, "p99"),
    "api.create_processor_us": middle(many, "processor"),
    "api.create_ms.p50": middle(single, "p50"),
    "api.create_ms.p99": middle(single, "p99"),
    "api.get_per_s": middle(gets, "perSecond"),
    "api.get64_ms.p99": middle(gets, "p99"),
    "api.get_processor_us": middle(gets, "processor"),
    "api.list10k_ms.p50": middle(lists, "p50"),
    ...(await growth(place, report)),
  };
}

function middle(rounds: readonly LoadResult[], figure: keyof LoadResult): number {
  return rounded(median(rounds.map((round) => round[figure])));
}
