import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import type { ListrTask } from "listr2";
import type { Node, Pod } from "../../api/index.ts";
import type { PluginInstance } from "../../api/berth/types.ts";
import type { ApiClient } from "../../client/contracts.ts";
import { kubeconfigFile } from "../serve/core-settings.ts";
import { shippedSets } from "../serve/plugin-sets.ts";
import type { CoreProcess } from "./core-process.ts";
import { importImage } from "../images/import-image.ts";
import type { Kubectl } from "./kubectl.ts";
import { nodesMissing, pluginsMissing, podsMissing } from "./readiness.ts";
import { instancesOf, nodesOf, podsOf } from "./resources.ts";
import { exampleArchive, exampleImage, examplePods, examplesFolder, type UpSettings } from "./up-settings.ts";
import { waitFor } from "./wait-for.ts";

export interface BringUp {
  readonly settings: UpSettings;
  readonly core: CoreProcess;
  readonly kubectl: Kubectl;
  readonly signal: AbortSignal;
  /** Connects once the core's kubeconfig is there. */
  connect(): Promise<ApiClient>;
}

/** From nothing to every example pod Ready, one task a step; a task's output is what it still waits for. */
export function bringUpTasks(up: BringUp): ListrTask[] {
  const wait = (
    seconds: number,
    task: { output?: string },
    look: () => Promise<string | undefined>,
  ): Promise<void> =>
    waitFor(look, { seconds, signal: up.signal, report: (missing) => (task.output = missing) });
  const expected = Object.keys(shippedSets[up.settings.core.pluginSet ?? ""]?.plugins ?? {}).length;
  return [
    { title: "Start the core", task: () => up.core.start() },
    {
      title: `Load ${expected} plugins`,
      task: async (_, task) => {
        const instances = (await up.connect()).resource<PluginInstance>(instancesOf);
        await wait(60, task, async () => pluginsMissing((await instances.list()).items, expected));
      },
    },
    {
      title: "Node becomes Ready",
      task: async (_, task) => {
        const nodes = (await up.connect()).resource<Node>(nodesOf);
        await wait(60, task, async () => nodesMissing((await nodes.list()).items));
      },
    },
    {
      title: `Import ${exampleImage}`,
      task: async () => {
        const { core, root } = up.settings;
        await importImage(kubeconfigFile(core), core.nodeName, exampleArchive(root), up.signal);
      },
    },
    {
      title: "Apply examples/hello",
      task: async () => {
        const folder = examplesFolder(up.settings.root);
        const files = globSync("*.yaml", { cwd: folder }).sort();
        for (const file of files) await up.kubectl.apply(await readFile(join(folder, file), "utf8"));
      },
    },
    {
      title: "Pods become Ready",
      task: async (_, task) => {
        const pods = (await up.connect()).resource<Pod>(podsOf);
        await wait(90, task, async () =>
          podsMissing((await pods.list({ namespace: "default" })).items, examplePods),
        );
      },
    },
  ];
}
