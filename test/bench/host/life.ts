import { isReady, seen, type TestHost, wanted } from "../../support/pluginhost/test-host.ts";
import { CallLoad } from "./call-load.ts";
import { median, percentile } from "../suite.ts";

const kills = 15;

/** Answered before the update begins, and after the next version is ready. */
const callsBefore = 300;
const callsAfter = 50;

/** Milliseconds from kill -9 of a plugin to ready again, each as its first crash. */
export async function measureRecovery(host: TestHost, folder: string): Promise<number> {
  const times: number[] = [];
  for (let round = 1; round <= kills; round++) {
    // Another generation of the object resets back-off and budget, as five good minutes would.
    host.setDesired({ plugins: [wanted("notes", folder, {}, round + 1)] });
    const { pid, incarnation } = await seen(host, "notes", isReady);
    const start = performance.now();
    process.kill(pid!, "SIGKILL");
    await seen(host, "notes", (view) => isReady(view) && view.incarnation > incarnation);
    times.push(performance.now() - start);
  }
  return median(times);
}

/** An update under a hundred calls a second: how many failed, and how much slower the slowest were during the flip. */
export async function measureUpdate(
  host: TestHost,
  next: string,
): Promise<{ failed: number; p99Ratio: number }> {
  const load = new CallLoad(host);
  try {
    await load.more(callsBefore);
    const flip = performance.now();
    host.setDesired({ plugins: [wanted("notes", next, {}, 100)] });
    await seen(host, "notes", (view) => isReady(view) && view.version === "0.2.0");
    await load.more(callsAfter);
    await load.end();
    const times = (isDuring: boolean): number[] =>
      load.samples.filter(({ at }) => at >= flip === isDuring).map(({ ms }) => ms);
    return { failed: load.failed, p99Ratio: percentile(times(true), 0.99) / percentile(times(false), 0.99) };
  } finally {
    await load.end();
  }
}
