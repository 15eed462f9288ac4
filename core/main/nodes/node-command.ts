import type { CliCommand } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { clientOf, resources } from "../../client/index.ts";
import { addDrainCommands } from "./drain-commands.ts";
import { nodeColumns, nodeRows } from "./list-nodes.ts";

const exitCodes = `
Exit status:
  0  done
  1  refused; the message says why and what to do next
  2  a plugin does not come by itself: pods of a runtime that is quarantined, refused or disabled cannot end
  3  interrupted, or not done within --timeout: a second run goes on from there, undrain takes it back`;

/** `berth node`: what a node is, and taking it out of service and back. */
export const nodeCommand: CliCommand = {
  register(program, context) {
    const node = program
      .command("node")
      .description("look at nodes, take one out of service and back")
      .addHelpText("after", exitCodes);
    node
      .command("ls")
      .description("every node: whether it takes pods, its pods and plugins, and what it lacks")
      .addOption(outputOption("table"))
      .addHelpText("after", "\nExample:\n  berth node ls\n  kubectl get nodes,plugininstances")
      .action(async ({ output }: { output: string }) => {
        const api = await context.connect();
        const [nodes, pods, instances] = await Promise.all([
          clientOf(api, resources.nodes).list(),
          clientOf(api, resources.pods).list(),
          clientOf(api, resources.pluginInstances).list(),
        ]);
        const rows = nodeRows(nodes.items, pods.items, instances.items);
        if (output === "json") return context.print(JSON.stringify(rows, undefined, 2));
        const cells = rows.map((row) => nodeColumns.map((column) => row[column]));
        context.print(renderTable(nodeColumns, cells, context.width));
      });
    addDrainCommands(node, context);
  },
};
