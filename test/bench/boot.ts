import { startBuiltCore, untilReady } from "../support/built-core.ts";
import { readProcessTree } from "../support/process-tree.ts";
import { type BootStep, type BootTimes, readBootTimes, renderBootTimes } from "./boot/boot-times.ts";
import { type BenchSuite, median, rounded } from "./suite.ts";

const plugins = 5;
const runs = 7;
const patienceMs = 60_000;

/** From the start of the process to a Ready node with five ready plugins, each run on a new data directory. */
export const suite: BenchSuite = {
  name: "boot",
  async run(report) {
    const times: BootTimes[] = [];
    report(`one run to warm the files, then ${runs}; milliseconds since the start of the process`);
    for (let run = 0; run <= runs; run++) {
      const one = await measureBoot();
      if (run === 0) continue;
      times.push(one);
      report(renderBootTimes(one));
    }
    return {
      figures: {
        "boot.ready_ms": rounded(median(times.map((one) => one.readyMs))),
        "boot.api_ms": rounded(median(times.map((one) => one.apiMs))),
      },
      peers: {},
    };
  },
};

async function measureBoot(): Promise<BootTimes> {
  await using core = await startBuiltCore({ name: "boot", bridge: "bbboot0", subnet: "10.123.0.0/24" });
  const client = await core.client();
  const apiMs = Date.now() - core.startedAt;
  const seen: BootStep[] = [];
  await untilReady(client, plugins, AbortSignal.timeout(patienceMs), (what) =>
    seen.push({ ms: Date.now() - core.startedAt, what }),
  );
  const readyMs = Date.now() - core.startedAt;
  const processes = readProcessTree(core.pid);
  return readBootTimes(core, { apiMs, readyMs, seen, processes });
}
