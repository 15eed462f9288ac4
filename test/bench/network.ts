import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNetworkNamespace, deleteNetworkNamespace, routeRequests, RouteSocket } from "@berth/linux";
import { CniBinaries, findCniBinaries } from "./network/cni-binaries.ts";
import { IptablesNat } from "./network/iptables-nat.ts";
import { PluginProcess } from "./network/plugin-process.ts";
import {
  type BenchResult,
  type BenchSuite,
  type Figures,
  percentile,
  type Report,
  rounded,
} from "./suite.ts";

const warmUps = 10;
const rounds = 40;
const firstPort = 31_000;

interface Contender {
  readonly name: string;
  add(id: string, netns: string, hostPort: number): Promise<void>;
  del(id: string, netns: string, hostPort: number): Promise<void>;
}

interface Timings {
  readonly add: number[];
  readonly del: number[];
}

/** One attachment with masquerade and one host port, made and undone, ours and the upstream binaries in turn. */
export const suite: BenchSuite = {
  name: "network",
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), "bench-network-"));
    const plugin = await PluginProcess.start(folder, { bridge: `bn${tag}a`, subnet: "10.211.0.0/16" });
    const berth = Object.assign(plugin, { name: "berth" });
    try {
      const binaries = findCniBinaries();
      if (binaries !== undefined) return await beside(berth, binaries, folder, report);
      report("the upstream CNI binaries are not installed: no peer is measured");
      return summarise(await race([berth], folder, report));
    } finally {
      await plugin.end();
      rmSync(folder, { recursive: true });
    }
  },
};

const tag = process.pid % 10_000;

async function beside(
  berth: Contender,
  binaries: string,
  folder: string,
  report: Report,
): Promise<BenchResult> {
  const nat = IptablesNat.read();
  const bridge = `bn${tag}b`;
  const peer = new CniBinaries(binaries, {
    bridge,
    subnet: "10.212.0.0/16",
    dataDir: join(folder, "leases"),
  });
  try {
    return summarise(await race([berth, Object.assign(peer, { name: "cni-binaries" })], folder, report));
  } finally {
    removeBridge(bridge);
    nat.restore();
  }
}

/** In turn within every round, so that whatever else the machine does hits all alike. */
async function race(
  contenders: readonly Contender[],
  folder: string,
  report: Report,
): Promise<Map<string, Timings>> {
  const timings = new Map(contenders.map(({ name }): [string, Timings] => [name, { add: [], del: [] }]));
  const samples = Array.from({ length: warmUps + rounds }, (_, round) =>
    contenders.map((contender) => ({ contender, round, netns: join(folder, `${contender.name}-${round}`) })),
  ).flat();
  // Made before and deleted after: the kernel takes long to free a namespace, and holds others up meanwhile.
  for (const { netns } of samples) createNetworkNamespace(netns);
  try {
    for (const { contender, round, netns } of samples) {
      const id = `${contender.name}-${round}`;
      const add = await timed(() => contender.add(id, netns, firstPort + round));
      const del = await timed(() => contender.del(id, netns, firstPort + round));
      if (round < warmUps) continue;
      timings.get(contender.name)?.add.push(add);
      timings.get(contender.name)?.del.push(del);
    }
  } finally {
    for (const { netns } of samples) deleteNetworkNamespace(netns);
  }
  report(`${rounds} rounds after ${warmUps} to warm up`);
  return timings;
}

async function timed(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

function summarise(timings: ReadonlyMap<string, Timings>): BenchResult {
  const figuresOf = ({ add, del }: Timings): Figures => ({
    "network.add_ms.p50": rounded(percentile(add, 0.5)),
    "network.add_ms.p99": rounded(percentile(add, 0.99)),
    "network.del_ms.p50": rounded(percentile(del, 0.5)),
    "network.del_ms.p99": rounded(percentile(del, 0.99)),
  });
  const { berth, ...peers } = Object.fromEntries([...timings].map(([name, each]) => [name, figuresOf(each)]));
  return { figures: berth ?? {}, peers };
}

/** The binaries leave their bridge behind. */
function removeBridge(name: string): void {
  const node = RouteSocket.open();
  try {
    const link = node.findLink(name);
    if (link) node.apply(routeRequests.deleteLink(link.index));
  } finally {
    node.close();
  }
}
