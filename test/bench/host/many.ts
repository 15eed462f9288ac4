import { isReady, seen, type TestHost, TestNode, wanted } from "../../support/pluginhost/test-host.ts";
import { median } from "../suite.ts";

const calls = 2000;

/** Brings up `count` plugins, each a process of its own, and measures a verb of one of them, called through the host, beside the others. */
export async function measureMany(
  count: number,
  folder: string,
): Promise<{ bootMs: number; verbMs: number }> {
  const node = new TestNode();
  const host = node.start();
  try {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    const start = performance.now();
    host.setDesired({ plugins: names.map((name) => wanted(name, folder)) });
    await Promise.all(names.map((name) => readyWithin(host, name)));
    const bootMs = performance.now() - start;
    const { signal } = new AbortController();
    const times: number[] = [];
    for (let call = 0; call < calls; call++) {
      const { milliseconds } = await host.tools.call("p0", { verb: "Version" }, signal);
      times.push(milliseconds);
    }
    return { bootMs, verbMs: median(times) };
  } finally {
    await host.end("teardown");
    node.remove();
  }
}

function readyWithin(host: TestHost, name: string): Promise<unknown> {
  return seen(host, name, isReady, 600_000);
}
