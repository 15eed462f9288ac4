import { watch } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "@berth/base";
import type { CliContext } from "../../cli/command.ts";
import { type Plugin, restartAnnotation } from "../../api/index.ts";
import { ApiError, clientOf, resources } from "../../client/index.ts";
import { readManifestOf } from "../../pluginhost/package/read-manifest.ts";
import { pluginObject } from "../serve/plugin-object.ts";
import { callLine } from "./call-commands.ts";
import { PluginAccess } from "./plugin-access.ts";
import type { PluginCommands } from "./plugin-command.ts";

/** Editors write a file in several steps. */
const settleMs = 200;

/** `berth plugin dev`: the author's folder in a live core, reloaded when it changes, its calls as they happen. */
export const addDevCommand: PluginCommands = (plugin, context, program) => {
  plugin
    .command("dev <folder>")
    .description(
      "run a folder in a live core, reload it on change beside the old process, print its calls; Ctrl-C restores",
    )
    .option("--name <name>", "name of the Plugin; the manifest's id without it")
    .option("--node <name>", "whose calls are printed, when several nodes run it")
    .addHelpText("after", "\nExample:\n  berth plugin dev ./plugins/demo")
    .action(async (folder: string, options: { name?: string; node?: string }) => {
      const path = resolve(folder);
      const name = options.name ?? (await readManifestOf(path)).id;
      const access = await PluginAccess.open(program);
      const before = await find(access, name);
      const { signal } = context.interruption();
      try {
        await apply(access, name, path);
        await Promise.all([
          reloadOnChange(context, access, name, path, signal),
          printStates(context, access, name, signal),
          printCalls(context, access, name, options.node, signal),
        ]);
      } finally {
        await restore(access, name, before);
        context.note(before ? `plugin ${name} is as it was before` : `plugin ${name} is taken away`);
      }
    });
};

async function find(access: PluginAccess, name: string): Promise<Plugin | undefined> {
  try {
    return await clientOf(access.api, resources.plugins).get(name);
  } catch (error) {
    if (ApiError.is(error, "NotFound")) return undefined;
    throw error;
  }
}

/** Creates the Plugin or brings it to the folder as it is now, and asks for a new process. */
async function apply(access: PluginAccess, name: string, path: string): Promise<void> {
  const client = clientOf(access.api, resources.plugins);
  const wanted = await pluginObject(name, path, { dev: true });
  const known = await find(access, name);
  if (!known) {
    await client.create(wanted, { fieldManager: "berth" });
    return;
  }
  const { config } = known.spec;
  const annotations = { ...known.metadata.annotations, [restartAnnotation]: new Date().toISOString() };
  const spec = { ...wanted.spec, ...(config === undefined ? {} : { config }) };
  await client.update(
    { ...known, metadata: { ...known.metadata, annotations }, spec },
    { fieldManager: "berth" },
  );
}

async function restore(access: PluginAccess, name: string, before: Plugin | undefined): Promise<void> {
  const client = clientOf(access.api, resources.plugins);
  const now = await find(access, name);
  if (!before && now) await client.delete(name);
  if (!before || !now) return;
  const { labels = {}, annotations = {} } = before.metadata;
  const metadata = { ...now.metadata, labels, annotations };
  await client.update({ ...now, metadata, spec: before.spec }, { fieldManager: "berth" });
}

async function reloadOnChange(
  context: CliContext,
  access: PluginAccess,
  name: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  let change = Promise.withResolvers<string>();
  const watcher = watch(path, { recursive: true }, (_, file) => change.resolve(file ?? ""));
  signal.addEventListener("abort", () => change.resolve(""));
  try {
    for (;;) {
      const file = await change.promise;
      if (signal.aborted) return;
      await sleep(settleMs);
      change = Promise.withResolvers();
      context.note(`${file} has changed: reloading`);
      // A manifest that is half written is no reason to end.
      await apply(access, name, path).catch((error: unknown) => context.note(errorMessage(error)));
    }
  } finally {
    watcher.close();
  }
}

async function printStates(
  context: CliContext,
  access: PluginAccess,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const labelSelector = `berth.dev/plugin=${name}`;
  let last = "";
  while (!signal.aborted) {
    for await (const event of clientOf(access.api, resources.pluginInstances).watch({
      labelSelector,
      signal,
    })) {
      if (event.type === "BOOKMARK" || event.type === "DELETED") continue;
      const { state = "pending", reason = "", incarnation = 0 } = event.object.status ?? {};
      const line = `${state}, incarnation ${incarnation}${reason === "" ? "" : `: ${reason}`}`;
      if (line !== last) context.note(line);
      last = line;
    }
  }
}

async function printCalls(
  context: CliContext,
  access: PluginAccess,
  name: string,
  node: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const call of (await access.tools(name, node)).follow(signal)) context.print(callLine(call));
    } catch (error) {
      // The node has it in a moment.
      if (!isNotYet(error)) throw error;
    }
    if (!signal.aborted) await sleep(settleMs);
  }
}

function isNotYet(error: unknown): boolean {
  return (
    (error as { code?: unknown }).code === "BERTH_NO_SUCH_PLUGIN" ||
    ApiError.is(error, "BERTH_NO_SUCH_PLUGIN")
  );
}
