import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { clientOf, resources } from "../../client/index.ts";
import { describePlugin, type ToldEvent } from "./describe-plugin.ts";
import { pluginColumns, pluginRows } from "./list-plugins.ts";
import { optionNumber } from "./option-number.ts";
import { PluginAccess } from "./plugin-access.ts";
import type { PluginCommands } from "./plugin-command.ts";
import { readHistory, specOf } from "./plugin-history.ts";

/** ls, describe, logs. */
export const addReadCommands: PluginCommands = (plugin, context, program) => {
  plugin
    .command("ls")
    .description("every plugin on every node, and why one is not ready")
    .addOption(outputOption("table"))
    .addHelpText("after", "\nExample:\n  berth plugin ls\n  kubectl get plugins,plugininstances")
    .action(async ({ output }: { output: string }) => {
      const access = await PluginAccess.open(program);
      const rows = pluginRows(await access.plugins(), await access.instances());
      if (output === "json") return context.print(JSON.stringify(rows, undefined, 2));
      const cells = rows.map((row) => pluginColumns.map((column) => row[column]));
      const table = renderTable(pluginColumns, cells, context.width);
      context.print(table);
      // A sentence that was cut is there for a person to read.
      if (!table.includes("…")) return;
      for (const { name, node, reason } of rows)
        if (reason !== "") context.print(`\n${name}${node === undefined ? "" : ` on ${node}`}: ${reason}`);
    });

  plugin
    .command("describe <name>")
    .description("all that is known of one plugin: source, nodes, isolation, last end, history, events")
    .addOption(outputOption("text"))
    .addHelpText(
      "after",
      "\nExample:\n  berth plugin describe cni-bridge\n  kubectl describe plugin cni-bridge",
    )
    .action(async (name: string, { output }: { output: string }) => {
      const access = await PluginAccess.open(program);
      const instances = await access.instances(name);
      const object = await access.definition(name, instances);
      const events = await readEvents(access, [...(object ? [object] : []), ...instances]);
      const revisions = object ? await readHistory(access.api, object) : [];
      const history = revisions.map((revision) => {
        const { version, digest } = specOf(revision);
        const at = revision.metadata.creationTimestamp ?? "";
        return { revision: revision.revision, version, digest, at };
      });
      context.print(
        output === "json"
          ? JSON.stringify({ plugin: object, instances, history, events }, undefined, 2)
          : describePlugin(object, instances, events, history),
      );
    });

  plugin
    .command("logs <name>")
    .description("what a plugin's process wrote")
    .option("-f, --follow", "go on with what comes, in later processes too", false)
    .option("--tail <lines>", "last lines only", optionNumber)
    .option("--incarnation <number>", "of an earlier process; `describe` shows the number", optionNumber)
    .option("--node <name>", "needed when several nodes run it")
    .addHelpText(
      "after",
      "\nExample:\n  berth plugin logs -f demo\n  kubectl get --raw /api/v1/nodes/NODE/proxy/plugins/demo/logs",
    )
    .action(async (name: string, options: LogOptions) => {
      const tools = await (await PluginAccess.open(program)).tools(name, options.node);
      const { signal } = context.interruption();
      for await (const text of tools.logs(options, signal)) context.write(text);
    });
};

interface LogOptions {
  follow: boolean;
  tail?: number;
  incarnation?: number;
  node?: string;
}

/** Of the objects, oldest first. */
async function readEvents(
  { api }: PluginAccess,
  objects: readonly { metadata: { uid?: string } }[],
): Promise<ToldEvent[]> {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  const { items } = await clientOf(api, resources.events).list();
  return (
    items
      .filter(({ involvedObject }) => uids.has(involvedObject.uid))
      // Told of the instance too, which is shown here.
      .filter(({ message = "" }) => !message.startsWith("on node "))
      .map(({ type = "", reason = "", message = "", count = 1, lastTimestamp, eventTime, metadata }) => {
        const at = lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? "";
        return { at, type, reason, message, count };
      })
      .toSorted((a, b) => a.at.localeCompare(b.at))
  );
}
