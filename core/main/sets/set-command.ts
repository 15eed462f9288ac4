import { resolve } from "node:path";
import type { Command } from "commander";
import type { CliCommand, CliContext } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { type ApiClient, clientOf, resources } from "../../client/index.ts";
import { apiPullSecrets } from "../../nodeagent/api-pull-secrets.ts";
import { optionNumber } from "../plugins/option-number.ts";
import { shippedPlugins } from "../serve/core-options.ts";
import { addLoginOptions, type LoginOptions } from "../serve/login-options.ts";
import { applySet } from "./apply-set.ts";
import { findRenamedKeys, mergeSet, type RenamedKeys, tellRenamedKeys } from "./rename-keys.ts";
import { contentOfFile, noSuchSet, type SetContent, shippedContent } from "./set-content.ts";
import { diffSets, formatChange } from "./set-diff.ts";
import { SetHistory } from "./set-history.ts";
import { currentContent, type ListedSet, listSets, presentPlugins } from "./set-state.ts";
import { waitForSet } from "./wait-for-set.ts";
import { BerthError } from "@berth/base";

interface ContentOptions extends LoginOptions {
  file?: string;
  plugins: string;
  dev: boolean;
}

interface WaitOptions {
  timeout: number;
  wait: boolean;
}

interface Output {
  output?: string;
}

type ApplyOptions = ContentOptions & WaitOptions & Output & { dryRun: boolean };

/** `berth set`: which plugins the nodes have, as a whole. Exit status: 0 done, 1 not (see the sentence), for `diff` 1: differences. */
export const setCommand: CliCommand = {
  register(program, context) {
    const set = program.command("set").description("choose what a node can do: a set of plugins, as a whole");
    registerList(set, context);
    registerDiff(set, context);
    registerApply(set, context);
    registerRollback(set, context);
    registerHistory(set, context);
  },
};

function registerList(set: Command, context: CliContext): void {
  output(set.command("ls"))
    .description("sets there are, and which one is in force")
    .addHelpText("after", "\nExample:\n  berth set ls")
    .action(async ({ output }: Output) => {
      const sets = await listSets(await context.connect());
      show(
        context,
        output,
        sets,
        ["name", "state", "revision", "runtime", "network", "plugins", "why"],
        (one) => [
          one.name,
          one.state,
          one.revision,
          one.set.defaultRuntimeHandler,
          one.set.networkChain?.join(","),
          one.set.plugins.length,
          one.reason,
        ],
      );
    });
}

function registerDiff(set: Command, context: CliContext): void {
  output(content(set.command("diff [name]")))
    .description("what applying a set would change; exit status 1 when there is anything")
    .addHelpText("after", "\nExample:\n  berth set diff sandboxed")
    .action(async (name: string | undefined, options: ContentOptions & Output) => {
      const changes = await tellChanges(
        await context.connect(),
        await readContent(name, options),
        options,
        context,
      );
      if (changes > 0) context.fail(1);
    });
}

function registerApply(set: Command, context: CliContext): void {
  output(waiting(content(set.command("apply [name]"))), "text")
    .description("bring a set into force; the one before serves until the new one is ready")
    .option("--dry-run", "say what would change, as `berth set diff` does, and change nothing", false)
    .addHelpText(
      "after",
      "\nExamples:\n  berth set apply sandboxed\n  berth set apply -f my-set.yaml --dry-run",
    )
    .action(async (name: string | undefined, options: ApplyOptions) => {
      const next = await readContent(name, options);
      const client = await context.connect();
      if (options.dryRun) await tellChanges(client, next, options, context);
      else {
        const renamed = await renamedKeys(client, next, options, context);
        await bringIntoForce(client, next, { exactly: false, renamed, ...options }, context);
      }
    });
}

function registerRollback(set: Command, context: CliContext): void {
  output(waiting(set.command("rollback")), "text")
    .description("bring back what was in force before, its plugins as they were")
    .option("--to <revision>", "a revision that berth set history lists; the one before without it")
    .addHelpText("after", "\nExample:\n  berth set rollback --to 3")
    .action(async (options: { to?: string } & WaitOptions & Output) => {
      const client = await context.connect();
      const past = await new SetHistory(client).list();
      const revision = options.to === undefined ? past.at(-2)?.revision : Number(options.to);
      const target = past.find((one) => one.revision === revision);
      if (!target) {
        const known = past.map((one) => one.revision).join(", ") || "none";
        throw new BerthError(
          noSuchSet,
          `there is no revision ${options.to ?? "before this one"} to go back to; the history holds ${known}`,
        );
      }
      await bringIntoForce(client, target.content, { exactly: true, ...options }, context);
    });
}

function registerHistory(set: Command, context: CliContext): void {
  output(set.command("history"))
    .description("what was applied, oldest first; the last ten")
    .addHelpText("after", "\nExample:\n  berth set history -o json")
    .action(async ({ output }: Output) => {
      const past = await new SetHistory(await context.connect()).list();
      show(context, output, past, ["revision", "applied", "set", "plugins"], ({ revision, at, content }) => [
        revision,
        at,
        content.name,
        Object.entries(content.plugins)
          .map(([name, { version }]) => (version === undefined ? name : `${name}@${version}`))
          .join(" "),
      ]);
    });
}

/** Prints what applying a set would change, and answers how much that is. */
async function tellChanges(
  client: ApiClient,
  next: SetContent,
  options: ContentOptions & Output,
  context: CliContext,
): Promise<number> {
  const renamed = await renamedKeys(client, next, options, context);
  const [now, known] = [await currentContent(client), await presentPlugins(client)];
  const changes = diffSets(now, mergeSet(next, known, renamed), known);
  if (options.output === "json") context.print(JSON.stringify(changes, undefined, 2));
  else if (changes.length === 0) context.note(`${next.name} is in force as it stands`);
  else context.print(changes.map(formatChange).join("\n"));
  return changes.length;
}

/** Tells of the keys that have another name in the versions that a set brings. */
async function renamedKeys(
  client: ApiClient,
  next: SetContent,
  options: LoginOptions,
  context: CliContext,
): Promise<RenamedKeys> {
  const logins = { ...options, pullSecrets: apiPullSecrets(client) };
  const note = (text: string): void => context.note(text);
  const renamed = await findRenamedKeys(next, await presentPlugins(client), { logins, note });
  for (const text of tellRenamedKeys(renamed)) note(text);
  return renamed;
}

async function bringIntoForce(
  client: ApiClient,
  content: SetContent,
  options: WaitOptions & Output & { exactly: boolean; renamed?: RenamedKeys },
  context: CliContext,
): Promise<void> {
  const isJson = options.output === "json";
  const note = (text: string): void => (isJson ? undefined : context.note(text));
  const { name } = content;
  const { revision, changed } = await applySet(client, content, options);
  const tell = (result: object, sentence: string): void => {
    if (isJson) context.print(JSON.stringify({ set: name, revision, changed, ...result }, undefined, 2));
    else context.print(`set ${name}: revision ${revision} ${sentence}`);
  };
  if (!changed) note(`${name} is applied already, as revision ${revision}`);
  if (!options.wait) return tell({ outcome: "asked" }, "is asked for");
  const outcome = await waitForSet(client, name, revision, { timeoutMs: options.timeout * 1000, note });
  if (outcome.ok) {
    const { nodes } = outcome;
    return tell({ outcome: "done", nodes }, `is in force on ${nodes.join(", ")}`);
  }
  context.fail(1);
  const sets = await clientOf(client, resources.pluginSets).list();
  const serving = sets.items.find(({ status }) => status?.onNodes?.some(({ state }) => state === "InForce"));
  if (isJson) return tell({ outcome: "failed", reason: outcome.reason, serving: serving?.metadata.name }, "");
  note(`set ${name}: revision ${revision} is not in force ${outcome.reason}`);
  if (serving) note(`set ${serving.metadata.name} keeps serving`);
  note("next step: correct what is named and apply it again, or berth set rollback");
}

async function readContent(name: string | undefined, options: ContentOptions): Promise<SetContent> {
  if (options.file !== undefined) return contentOfFile(options.file);
  if (name === undefined)
    throw new BerthError(noSuchSet, "no set is named: berth set apply NAME, or -f FILE for one of your own");
  return shippedContent(name, { folder: resolve(options.plugins), dev: options.dev });
}

function content(command: Command): Command {
  return addLoginOptions(command)
    .option("-f, --file <file>", "a PluginSet, and Plugins beside it, instead of a shipped set")
    .option("--plugins <folder>", "folder of the shipped plugins", shippedPlugins())
    .option("--dev", "shipped plugins run from their folder, unverified", false);
}

function waiting(command: Command): Command {
  return command
    .option("--timeout <seconds>", "how long to wait for the nodes", optionNumber, 120)
    .option("--no-wait", "return as soon as it is asked for");
}

function output(command: Command, human: "table" | "text" = "table"): Command {
  return command.addOption(outputOption(human));
}

function show<T extends SetRow>(
  context: CliContext,
  output: string | undefined,
  rows: readonly T[],
  head: readonly string[],
  cells: (row: T) => (string | number | undefined)[],
): void {
  if (output === "json") context.print(JSON.stringify(rows, undefined, 2));
  else context.print(renderTable(head, rows.map(cells), context.width));
}

type SetRow = ListedSet | object;
