import { join } from "node:path";
import { createInterface } from "node:readline";
import { silentLogger, systemClock } from "@berth/base";
import { openCheckpoint } from "../../../core/checkpoint/sqlite-checkpoint.ts";
import type { DesiredWorld } from "../../../core/pluginhost/contracts/plugin-host.ts";
import type { PluginHostOptions } from "../../../core/pluginhost/host-options.ts";
import { NodePluginHost } from "../../../core/pluginhost/node-plugin-host.ts";
import type { HostOrder } from "./test-host.ts";

/**
 * A host in a process of its own, to be killed. Prints each plugin's view, one JSON line for each change, and does what
 * the lines of its standard input say; nobody hears what came of that.
 */
const [given] = process.argv.slice(2);
const { options, world } = JSON.parse(given ?? "") as { options: PluginHostOptions; world: DesiredWorld };
const host = new NodePluginHost({
  options,
  checkpoint: openCheckpoint(join(options.paths.data, "checkpoint.db")),
  clock: systemClock,
  logger: silentLogger,
});
// Whoever has seen what he waited for reads no further.
process.stdout.on("error", () => {});
host.onDidChange((view) => process.stdout.write(`${JSON.stringify(view)}\n`));
host.setDesired(world);

createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line) as HostOrder;
  if (order.verb === "teardown") {
    void host.stop("teardown").then(() => process.exit());
    return;
  }
  const signal = new AbortController().signal;
  const call =
    order.verb === "attach"
      ? host.network.attach("cri", order.request, { deadline: undefined, signal, trace: undefined })
      : host.csi.list()[0]!.node.nodeStageVolume(order.request);
  // Whoever gave the order may kill what serves it.
  call.catch(() => {});
});
