import { outputOption } from "../../cli/output-option.ts";
import type { DebugEvent } from "../../pluginhost/contracts/index.ts";
import { followChange, isRestarted } from "./follow-change.ts";
import { PluginAccess } from "./plugin-access.ts";
import type { PluginCommands } from "./plugin-command.ts";

/** `berth plugin debug`: the author's own process in the place of the managed one, until Ctrl-C. */
export const addDebugCommand: PluginCommands = (plugin, context, program) => {
  plugin
    .command("debug <name>")
    .description(
      "pause supervision: your own process takes the plugin's place until Ctrl-C; no breakpoint is too long",
    )
    .option("--node <name>", "needed when several nodes run it")
    .addOption(outputOption("text", ": one line for each event"))
    .addHelpText(
      "after",
      "\nExample:\n  berth plugin debug demo\n  # and in another terminal, on the node, what it prints; node --inspect-brk for a debugger",
    )
    .action(async (name: string, options: { node?: string; output: string }) => {
      const access = await PluginAccess.open(program);
      await access.plugin(name);
      const tools = await access.tools(name, options.node);
      const { signal } = context.interruption();
      let last = 0;
      for await (const event of tools.debug(signal)) {
        if ("incarnation" in event) last = event.incarnation;
        context.print(options.output === "json" ? JSON.stringify(event) : eventText(event));
      }
      context.note("detached: the managed process is being restored");
      const nodes = options.node === undefined ? await access.instances(name) : [];
      const debugged = options.node ?? nodes[0]?.spec.nodeName ?? "";
      const judge = isRestarted(new Map([[debugged, last]]));
      const tell = (line: string): void => context.note(line);
      const { outcome } = await followChange(access, name, judge, { timeoutMs: 60_000, tell });
      if (outcome !== "done") context.fail(outcome === "failed" ? 2 : 3);
    });
};

function eventText(event: DebugEvent): string {
  switch (event.event) {
    case "waiting":
      return [
        `incarnation ${event.incarnation}: waiting for your process. On the node:`,
        "",
        `  . ${event.environmentFile}`,
        `  cd ${event.folder} && ${event.command.map(quoted).join(" ")}`,
        "",
        "Its environment, the token left out:",
        ...Object.entries(event.environment).map(([key, value]) => `  ${key}=${value}`),
      ].join("\n");
    case "serving":
      return `serving: process ${event.pid} is incarnation ${event.incarnation}; Ctrl-C restores the managed one`;
    default:
      return `${event.event}: ${event.message}`;
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
