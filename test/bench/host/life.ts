import { isReady, seen, type TestHost, wanted } from "../../support/pluginhost/test-host.ts";
import { median, percentile } from "../suite.ts";

const kills = 15;

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
  const samples: { at: number; ms: number }[] = [];
  const open: Promise<void>[] = [];
  let failed = 0;
  let number = 0;
  const call = async (): Promise<void> => {
    const sandbox_id = `s${number++}`;
    const at = performance.now();
    const parent = { deadline: undefined, signal: new AbortController().signal, trace: undefined };
    const request = { sandbox_id, netns: "/n", pod: null, annotations: {}, runtime_config: null };
    try {
      await host.network.attach("bench", request, parent);
      samples.push({ at, ms: performance.now() - at });
      await host.network.detach({ sandbox_id, netns: "/n" });
    } catch {
      failed++;
    }
  };
  const timer = setInterval(() => void open.push(call()), 10);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const flip = performance.now();
  host.setDesired({ plugins: [wanted("notes", next, {}, 100)] });
  await seen(host, "notes", (view) => isReady(view) && view.version === "0.2.0");
  await new Promise((resolve) => setTimeout(resolve, 500));
  clearInterval(timer);
  await Promise.all(open);
  const before = samples.filter(({ at }) => at < flip).map(({ ms }) => ms);
  const during = samples.filter(({ at }) => at >= flip).map(({ ms }) => ms);
  return { failed, p99Ratio: percentile(during, 0.99) / percentile(before, 0.99) };
}
