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
host.onDidChange((view) => process.stdout.write(`${JSON.stringify(view)}\n`));
host.setDesired(world);

createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line) as HostOrder;
  const signal = new AbortController().signal;
  if (order.verb === "attach") {
    void host.network.attach("cri", order.request, { deadline: undefined, signal, trace: undefined });
  } else void host.csi.list()[0]!.node.nodeStageVolume(order.request);
});
