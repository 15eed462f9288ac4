import { setTimeout as sleep } from "node:timers/promises";
import { startBuiltCore, untilReady } from "../support/built-core.ts";
import { type ProcessUse, readProcessTree } from "../support/process-tree.ts";
import { type BenchSuite, median, rounded } from "./suite.ts";

const plugins = 5;
const runs = 3;
const patienceMs = 60_000;
/** Start-up garbage is collected and first status rounds are over. */
const settlingMs = 15_000;

/** Proportional set sizes of all that a node without pods needs. */
export const suite: BenchSuite = {
  name: "memory",
  async run(report) {
    const totals: number[] = [];
    const own: number[] = [];
    for (let run = 0; run < runs; run++) {
      const processes = await measureMemory();
      const containerd = processes.filter(({ name }) => name.startsWith("containerd"));
      totals.push(sum(processes));
      own.push(sum(processes) - sum(containerd));
      report(render(processes));
    }
    return {
      figures: {
        "memory.pss_mb": rounded(median(totals)),
        "memory.without_containerd_mb": rounded(median(own)),
      },
      peers: {},
    };
  },
};

async function measureMemory(): Promise<ProcessUse[]> {
  await using core = await startBuiltCore({ name: "mem", bridge: "bbmem0", subnet: "10.123.1.0/24" });
  await untilReady(await core.client(), plugins, AbortSignal.timeout(patienceMs));
  await sleep(settlingMs);
  return readProcessTree(core.pid);
}

function sum(processes: readonly ProcessUse[]): number {
  return processes.reduce((total, { pssMb }) => total + pssMb, 0);
}

function render(processes: readonly ProcessUse[]): string {
  const rows = processes
    .toSorted((a, b) => b.pssMb - a.pssMb)
    .map(({ name, pssMb, privateMb, cpuMs }) =>
      [
        name.padEnd(40),
        pssMb.toFixed(1).padStart(8),
        privateMb.toFixed(1).padStart(8),
        String(cpuMs).padStart(8),
      ].join(" "),
    );
  return [`${"process".padEnd(40)}  pss MiB  private   cpu ms`, ...rows, ""].join("\n");
}
