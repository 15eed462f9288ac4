import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Listr, type ListrTask } from "listr2";
import type { Pod } from "../../api/index.ts";
import type { PluginInstance } from "../../api/berth/types.ts";
import type { CliContext } from "../../cli/command.ts";
import { describeError } from "../../cli/program.ts";
import type { ApiClient } from "../../client/contracts.ts";
import { obstacles, preflight } from "../preflight/preflight.ts";
import { describeObstacles } from "../preflight/describe-obstacles.ts";
import { kubeconfigFile } from "../serve/core-settings.ts";
import { bringUpTasks } from "./bring-up.ts";
import { checkTasks } from "./check-tasks.ts";
import { coreFlags } from "./core-flags.ts";
import { CoreProcess } from "./core-process.ts";
import { Kubectl } from "./kubectl.ts";
import { LeakCount } from "./leak-count.ts";
import { readPluginCalls } from "./plugin-calls.ts";
import { instancesOf, podsOf } from "./resources.ts";
import { serveArguments } from "./serve-arguments.ts";
import { pluginTable, podTable } from "./tables.ts";
import type { UpSettings } from "./up-settings.ts";

/** The main job from the first check of the machine to the last count of what is left. */
export async function runUp(
  settings: UpSettings,
  context: CliContext,
  connect: (kubeconfig: string) => Promise<ApiClient>,
  interrupted: AbortSignal,
): Promise<void> {
  const directory = settings.core.dataDirectory;
  const isFresh = !existsSync(directory);
  const blocked = obstacles(await preflight(settings.core));
  if (blocked.length > 0) {
    context.note(describeObstacles(blocked));
    context.fail(1);
    return;
  }
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  const leaks = new LeakCount(settings.root, join(directory, "before.json"), ownWords(settings));
  await leaks.before();

  const kubeconfig = kubeconfigFile(settings.core);
  const kubectl = new Kubectl(kubeconfig);
  const node = [process.execPath, ...coreFlags, ...process.execArgv];
  const command = [...node, process.argv[1]!, ...serveArguments(settings.core), ...settings.auditArguments];
  const core = new CoreProcess({ command, logFile: join(directory, "core.log"), kubectl, kubeconfig });
  let client: Promise<ApiClient> | undefined;
  const up = {
    settings,
    core,
    kubectl,
    signal: interrupted,
    connect: () => (client ??= connect(kubeconfig)),
  };
  try {
    await unless(interrupted, runTasks(bringUpTasks(up), context));
    await printState(await up.connect(), kubectl, kubeconfig, context);
    if (settings.exitWhenReady) await unless(interrupted, runChecks(up, context));
    else await untilInterrupted(interrupted, context);
  } catch (error) {
    // Ctrl-C ends a stay as it should; it cuts a proof short.
    if (!interrupted.aborted || settings.exitWhenReady) {
      context.note(`${describeError(error)}\nthe core's log: ${core.logFile}`);
      context.fail(1);
    }
  } finally {
    const isClean = await takeDown(core, leaks, context);
    if (isFresh && isClean && !process.exitCode) removeFolders(settings);
    else context.note(`what was written stays for a look: ${directory}`);
  }
}

/** Nothing is mounted below them any more: that was counted. */
function removeFolders({ core }: UpSettings): void {
  for (const folder of [core.dataDirectory, core.runDirectory])
    rmSync(folder, { recursive: true, force: true });
}

/** What the names and paths of everything that this node makes have in them. */
function ownWords({ core }: UpSettings): string[] {
  return [core.dataDirectory, core.runDirectory, core.kubeletRoot, `berth/${core.nodeName}`, "berth0"];
}

/** Gives up waiting when the person does; what is under way is taken down with the rest. */
async function unless(interrupted: AbortSignal, work: Promise<void>): Promise<void> {
  const stop = new Promise<never>((_, reject) => {
    const give = (): void => reject(interrupted.reason as Error);
    if (interrupted.aborted) give();
    else interrupted.addEventListener("abort", give, { once: true });
  });
  await Promise.race([work, stop]);
}

async function runTasks(tasks: ListrTask[], context: CliContext): Promise<void> {
  await new Listr(tasks, {
    renderer: context.isTerminal ? "default" : "simple",
    rendererOptions: { collapseErrors: false },
    fallbackRenderer: "simple",
    registerSignalListeners: false,
  }).run();
}

async function printState(
  client: ApiClient,
  kubectl: Kubectl,
  kubeconfig: string,
  context: CliContext,
): Promise<void> {
  const instances = (await client.resource<PluginInstance>(instancesOf).list()).items;
  const pods = (await client.resource<Pod>(podsOf).list({ namespace: "default" })).items;
  const calls = readPluginCalls(await kubectl.run(["get", "--raw", "/metrics"]));
  context.print(`\n${pluginTable(instances, calls, context.width)}\n\n${podTable(pods, context.width)}\n`);
  context.print(
    [
      `kubeconfig: ${kubeconfig}`,
      "",
      "try next:",
      `  export KUBECONFIG=${kubeconfig}`,
      "  kubectl get plugins,plugininstances,pods -o wide",
      "  kubectl logs -f web -c writer",
      "  kubectl create deployment hello --image=berth.dev/hello:1 --replicas=3 -- httpd -f -p 8080",
      "",
    ].join("\n"),
  );
}

async function runChecks(up: Parameters<typeof bringUpTasks>[0], context: CliContext): Promise<void> {
  const { tasks, failed, passed } = checkTasks(up);
  await runTasks(tasks, context);
  for (const failure of failed()) context.note(`failed: ${failure}`);
  context.print(`main job: ${passed()} passed, ${failed().length} failed`);
  if (failed().length > 0) context.fail(1);
}

async function untilInterrupted(interrupted: AbortSignal, context: CliContext): Promise<void> {
  context.note("running; Ctrl-C takes all of it down");
  if (interrupted.aborted) return;
  await new Promise<void>((resolve) =>
    interrupted.addEventListener("abort", () => resolve(), { once: true }),
  );
}

/** Answers whether nothing is left. */
async function takeDown(core: CoreProcess, leaks: LeakCount, context: CliContext): Promise<boolean> {
  context.note("taking down…");
  const exitCode = await core.stop();
  if (exitCode !== 0) {
    context.note(`the core ended with exit code ${exitCode}:\n${core.logTail()}`);
    context.fail(1);
  }
  const proof = await leaks.after();
  context.note(proof.text);
  if (!proof.clean) context.fail(1);
  return proof.clean;
}
