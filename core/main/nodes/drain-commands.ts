import { InvalidArgumentError, type Command } from "commander";
import { drainedAnnotation } from "../../api/index.ts";
import type { CliContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { clientOf, resources } from "../../client/index.ts";
import { optionNumber } from "../plugins/option-number.ts";
import { drainNodes, type DrainReport, findNode } from "./drain-node.ts";
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
    .command("drain <names...>")
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
      "\nExample:\n  berth node drain node-1 node-2 --ignore-daemonsets --timeout 5m\n  berth node undrain node-1",
    )
    .action((names: string[], flags: DrainFlags) => drain(names, flags, context));

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

async function drain(names: readonly string[], flags: DrainFlags, context: CliContext): Promise<void> {
  const reports = [...new Set(names)].map((node): DrainReport => ({
    node,
    pods: [],
    plugins: [],
    isDone: false,
  }));
  const { gracePeriod, podSelector, ...rest } = flags;
  const { signal, isOver } = limits(context, flags.timeout);
  let cut = "";
  try {
    await drainNodes(await context.connect(), reports, {
      ...rest,
      ...(gracePeriod === undefined ? {} : { graceSeconds: gracePeriod }),
      ...(podSelector === undefined ? {} : { podSelector }),
      signal,
      tell: teller(flags, context),
    });
    if (reports.some(({ isDone }) => !isDone)) context.fail(2);
  } catch (error) {
    if (!signal.aborted) throw error;
    context.fail(3);
    cut = isOver() ? `not drained after ${flags.timeout} s` : "interrupted";
  }
  const outcomeOf = ({ isDone, pods }: DrainReport): string => {
    if (isDone) return flags.dryRun ? "would be drained" : "drained";
    const stuck = pods.filter(({ state }) => state === "stuck").length;
    return stuck > 0 && cut === "" ? `not drained, ${stuck} pods cannot end` : cut;
  };
  finish(context, flags, reports, outcomeOf);
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
    finish(
      context,
      flags,
      [{ node: name, pods: [], plugins: [...plugins.values()], isDone: true }],
      () => outcome,
    );
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

/** One node is told as an object in JSON, several as a list. */
function finish(
  context: CliContext,
  { output }: Pick<DrainFlags, "output">,
  reports: readonly DrainReport[],
  outcomeOf: (report: DrainReport) => string,
): void {
  if (output !== "json") {
    for (const report of reports) context.print(summary(report, outcomeOf(report)));
    return;
  }
  const told = reports.map((report) => {
    const { isDone: _, ...shown } = report;
    return { ...shown, outcome: outcomeOf(report) };
  });
  context.print(JSON.stringify(told.length === 1 ? told[0] : told, undefined, 2));
}

function summary({ node, pods, plugins }: DrainReport, outcome: string): string {
  const count = (state: string): number => pods.filter((pod) => pod.state === state).length;
  const open = [
    ...pods
      .filter(({ state }) => ["waiting", "evicting", "stuck"].includes(state))
      .map((pod) => `pod ${pod.name}: ${pod.reason || "is ending"}`),
    ...plugins
      .filter(({ state }) => state !== "stopped" && state !== "ready" && state !== "disabled")
      .map((plugin) => `plugin ${plugin.name}: ${plugin.state}${plugin.reason && `: ${plugin.reason}`}`),
  ];
  const counts = [
    ["pods gone", count("gone")],
    ["pods to go", count("evict")],
    ["pods stay", count("keep")],
    ["plugins stopped", plugins.filter(({ state }) => state === "stopped").length],
  ] as const;
  const told = counts.filter(([, number]) => number > 0).map(([what, number]) => `${number} ${what}`);
  return [`node ${node}: ${[outcome, ...told].join(", ")}`, ...open.map((line) => `  ${line}`)].join("\n");
}

/** Seconds of "90", "90s", "5m", "1h", as kubectl takes them. */
function optionDuration(text: string): number {
  const [, number, unit = "s"] = /^(\d{1,9})(s|m|h)?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It must be like 30, 90s, 5m or 1h.");
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}
