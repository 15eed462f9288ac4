import { join } from "node:path";
import { isReady, seen, TestNode, wanted } from "../support/pluginhost/test-host.ts";
import { buildStandIn } from "./host/built-plugin.ts";
import { measureRecovery, measureUpdate } from "./host/life.ts";
import { measureMany } from "./host/many.ts";
import { measureOverhead } from "./host/overhead.ts";
import { type BenchSuite, rounded, type Target } from "./suite.ts";

const targets: Readonly<Record<string, Target>> = {
  "host.overhead_us.p50": { atMost: 30 },
  "host.recover_ms.p50": { atMost: 500 },
  "host.upgrade_failed_calls": { atMost: 0 },
  "host.upgrade_p99_ratio": { atMost: 5 },
  "host.boot100_ms": { atMost: 15_000 },
  "host.scale_ratio": { atMost: 2 },
};

/** What the plugin host costs, and how fast it puts things right. */
export const suite: BenchSuite = {
  name: "host",
  async run(report) {
    const node = new TestNode();
    report("building the plugins …");
    const notes = await buildStandIn("cni-notes", node.root);
    const next = await buildStandIn("cni-notes-next", node.root);
    const host = node.start();
    try {
      host.setDesired({ plugins: [wanted("notes", notes)] });
      await seen(host, "notes", isReady);
      report("overhead of the host over bare grpc-js …");
      const overhead = await measureOverhead(`unix://${join(node.root, "run", "p", "notes", "1.sock")}`);
      report("recovery after kill -9 …");
      const recoverMs = await measureRecovery(host, notes);
      report("update under 100 calls a second …");
      const update = await measureUpdate(host, next);
      report("5 plugins, then 100 …");
      const few = await measureMany(5, notes);
      const many = await measureMany(100, notes);
      return {
        figures: {
          "host.overhead_us.p50": rounded(overhead.p50),
          "host.recover_ms.p50": rounded(recoverMs),
          "host.upgrade_failed_calls": update.failed,
          "host.upgrade_p99_ratio": rounded(update.p99Ratio),
          "host.boot100_ms": rounded(many.bootMs),
          "host.scale_ratio": rounded(many.verbMs / few.verbMs),
        },
        peers: { "grpc-js": { "host.bare_us.p50": rounded(overhead.bareUs) } },
        targets,
      };
    } finally {
      await host.end("teardown");
      node.remove();
    }
  },
};
