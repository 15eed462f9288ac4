import { InvalidArgumentError, type Command } from "commander";
import { drainedAnnotation } from "../../api/index.ts";
import type { CliContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { clientOf, resources } from "../../client/index.ts";
import { optionNumber } from "../plugins/option-number.ts";
import { drainNode, type DrainReport, findNode } from "./drain-node.ts";
import { followPlugins, type PluginOnNode } from "./follow-plugins.ts";

interface DrainFlags {
  ignoreDaemonsets: boolean;
  deleteEmptydirData: boolean;
  force: boolean;
  gracePeriod?: number;
  timeout: number;
  podSelector?: string;
  dryRun: boolean;
  output: string;
}

export function addDrainCommands(node: Command, context: CliContext): void {
  node
    .command("drain <name>")
    .description("no new pods; then its pods, their volumes and network; then the plugins that served them")
    .option("--ignore-daemonsets", "pods of DaemonSets stay, and so do the plugins that serve them", false)
    .option("--delete-emptydir-data", "evict pods whose emptyDir data is lost with them", false)
    .option("--force", "delete pods that no controller starts elsewhere", false)
    .option("--grace-period <seconds>", "for each pod to end; its own when absent", optionNumber)
    .option("--timeout <duration>", "30, 90s, 5m, 1h; as long as it takes when 0", optionDuration, 0)
    .option("--pod-selector <labels>", "only these pods go")
    .option("--dry-run", "say what would be done, and change nothing", false)
    .addOption(outputOption("text"))
    .addHelpText(
      "after",
      "\nExample:\n  berth node drain node-1 --ignore-daemonsets --timeout 5m\n  berth node undrain node-1",
    )
    .action((name: string, flags: DrainFlags) => drain(name, flags, context));

  node
    .command("undrain <name>")
    .description("the plugins of a drained node come back, and it takes pods again")
    .option(
      "--timeout <duration>",
      "how long to wait for its plugins; as long as it takes when 0",
      optionDuration,
      120,
    )
    .addOption(outputOption("text"))
    .addHelpText("after", "\nExample:\n  berth node undrain node-1\n  kubectl uncordon node-1")
    .action((name: string, flags: Pick<DrainFlags, "timeout" | "output">) => undrain(name, flags, context));
}

async function drain(name: string, flags: DrainFlags, context: CliContext): Promise<void> {
  const report: DrainReport = { node: name, pods: [], plugins: [] };
  const { gracePeriod, podSelector, ...rest } = flags;
  const { signal, isOver } = limits(context, flags.timeout);
  try {
    await drainNode(await context.connect(), report, {
      ...rest,
      ...(gracePeriod === undefined ? {} : { graceSeconds: gracePeriod }),
      ...(podSelector === undefined ? {} : { podSelector }),
      signal,
      tell: teller(flags, context),
    });
    finish(context, flags, report, flags.dryRun ? "would be drained" : "drained");
  } catch (error) {
    if (!signal.aborted) throw error;
    context.fail(3);
    finish(context, flags, report, isOver() ? `not drained after ${flags.timeout} s` : "interrupted");
  }
}

async function undrain(
  name: string,
  flags: Pick<DrainFlags, "timeout" | "output">,
  context: CliContext,
): Promise<void> {
  const api = await context.connect();
  await findNode(api, name);
  const tell = teller(flags, context);
  const change = { metadata: { annotations: { [drainedAnnotation]: null } }, spec: { unschedulable: null } };
  await clientOf(api, resources.nodes).patch(name, "merge", change, { fieldManager: "berth" });
  tell(`node ${name}: takes pods again`);
  const { signal, isOver } = limits(context, flags.timeout);
  const plugins = new Map<string, PluginOnNode>();
  const end = (outcome: string): void =>
    finish(context, flags, { node: name, pods: [], plugins: [...plugins.values()] }, outcome);
  try {
    const { outcome } = await followPlugins(
      api,
      name,
      ({ status }) => {
        const { state = "" } = status ?? {};
        if (state === "ready" || state === "disabled") return "done";
        return state === "refused" || state === "quarantined" ? "failed" : "going";
      },
      {
        signal,
        tell: (plugin) => {
          plugins.set(plugin.name, plugin);
          tell(`plugin ${plugin.name}: ${plugin.state}${plugin.reason && `: ${plugin.reason}`}`);
        },
      },
    );
    if (outcome === "failed") context.fail(2);
    end(outcome === "done" ? "back in service" : "back in service without all of its plugins");
  } catch (error) {
    if (!signal.aborted) throw error;
    context.fail(3);
    end(isOver() ? `its plugins are not back after ${flags.timeout} s` : "interrupted");
  }
}

function teller({ output }: Pick<DrainFlags, "output">, context: CliContext): (line: string) => void {
  return output === "json" ? () => {} : (line) => context.note(line);
}

/** Ctrl-C, or the time that is given. */
function limits(context: CliContext, seconds: number): { signal: AbortSignal; isOver: () => boolean } {
  const { signal } = context.interruption();
  if (seconds === 0) return { signal, isOver: () => false };
  const time = AbortSignal.timeout(seconds * 1000);
  return { signal: AbortSignal.any([signal, time]), isOver: () => time.aborted };
}

function finish(
  context: CliContext,
  { output }: Pick<DrainFlags, "output">,
  report: DrainReport,
  outcome: string,
): void {
  if (output === "json") return context.print(JSON.stringify({ ...report, outcome }, undefined, 2));
  const count = (state: string): number => report.pods.filter((pod) => pod.state === state).length;
  const open = [
    ...report.pods
      .filter(({ state }) => state === "waiting" || state === "evicting")
      .map((pod) => `pod ${pod.name}: ${pod.reason || "is ending"}`),
    ...report.plugins
      .filter(({ state }) => state !== "stopped" && state !== "ready" && state !== "disabled")
      .map((plugin) => `plugin ${plugin.name}: ${plugin.state}${plugin.reason && `: ${plugin.reason}`}`),
  ];
  const counts = [
    ["pods gone", count("gone")],
    ["pods to go", count("evict")],
    ["pods stay", count("keep")],
    ["plugins stopped", report.plugins.filter(({ state }) => state === "stopped").length],
  ] as const;
  const told = counts.filter(([, number]) => number > 0).map(([what, number]) => `${number} ${what}`);
  context.print(
    [`node ${report.node}: ${[outcome, ...told].join(", ")}`, ...open.map((line) => `  ${line}`)].join("\n"),
  );
}

/** Seconds of "90", "90s", "5m", "1h", as kubectl takes them. */
function optionDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d{1,9})(s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It must be like 30, 90s, 5m or 1h.");
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}
