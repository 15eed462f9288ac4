import type { CliCommand } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { type ApiClient, ApiError, clientOf, resources } from "../../client/index.ts";
import { bootTreePath, compose } from "../compose.ts";
import { silentLogger } from "@berth/base";
import { addCoreOptions, type CoreOptions, coreSettings } from "../serve/core-options.ts";
import type { PartRecord } from "./part-record.ts";
import { type PluginContainers, pluginContainersOf } from "./plugin-containers.ts";

/** `berth boot-tree`: the parts of a core, what each needs, and what it cost to make where a core runs. */
export const bootTreeCommand: CliCommand = {
  register(program, context) {
    const command = program
      .command("boot-tree")
      .description("the parts of a core and what needs what; with milliseconds and plugins where one runs");
    addCoreOptions(command)
      .addOption(outputOption("table"))
      .option("--plan", "do not ask a running core: show what would be made", false)
      .addHelpText("after", "\nExample:\n  berth boot-tree -o json")
      .action(async (options: CoreOptions & { output: string; plan: boolean }) => {
        const running = options.plan ? undefined : await askRunning(() => context.connect());
        const parts = running?.parts ?? (await compose(coreSettings(options), silentLogger)).parts;
        const plugins = running?.plugins ?? [];
        if (options.output === "json") {
          context.print(JSON.stringify({ running: running !== undefined, parts, plugins }, undefined, 2));
        } else {
          context.print(partTable(parts, context.width));
          if (plugins.length > 0) context.print(`\n${pluginTable(plugins, context.width)}`);
          if (!running) context.note("no core answers: this is what one would make");
        }
        process.exit();
      });
  },
};

interface Running {
  readonly parts: readonly PartRecord[];
  readonly plugins: readonly PluginContainers[];
}

async function askRunning(connect: () => Promise<ApiClient>): Promise<Running | undefined> {
  try {
    const client = await connect();
    const { body } = await client.request({ method: "GET", path: bootTreePath });
    const { items } = await clientOf(client, resources.pluginInstances).list();
    return { parts: (body as { parts: PartRecord[] }).parts, plugins: items.map(pluginContainersOf) };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    return undefined;
  }
}

function partTable(parts: readonly PartRecord[], width: number): string {
  const rows = parts.map(({ room, name, needs, madeInMs }) => [
    room,
    name,
    madeInMs === undefined ? undefined : madeInMs.toFixed(1),
    needs.join(" "),
  ]);
  return renderTable(["room", "part", "ms", "needs"], rows, width);
}

function pluginTable(plugins: readonly PluginContainers[], width: number): string {
  const rows = plugins.map(({ plugin, live, disposed }) => [plugin, live, disposed]);
  return renderTable(["plugin", "containers live", "disposed"], rows, width);
}
