import { join } from "node:path";
import { pluginEnvironment } from "../launch/plugin-environment.ts";
import { fillTemplate } from "../manifest/template.ts";
import type { InstanceParts } from "./instance-parts.ts";
import type { LaunchPlan } from "./launch-plan.ts";

/** Command line and whole environment of one incarnation, before groups and users are put around it. */
export function programOf(
  parts: InstanceParts,
  plan: LaunchPlan,
  incarnation: number,
  token: string,
): { command: string[]; environment: Record<string, string> } {
  const { paths, nodeName } = parts;
  const { manifest } = plan;
  const words = {
    node: process.execPath,
    folder: plan.folder,
    socket: paths.endpoint(incarnation),
    config: paths.config(incarnation),
    state: paths.state,
    run: paths.run,
  };
  const command = manifest.entry.map((word, index) => fillTemplate(word, words, `entry[${index}]`));
  const program = command[0]!;
  if (program.startsWith("./")) command[0] = join(plan.folder, program);
  const environment = pluginEnvironment(
    {
      handshake: paths.handshake,
      endpoint: paths.endpoint(incarnation),
      host: manifest.hostServices.length > 0 ? paths.host : undefined,
      token,
      instance: parts.instance,
      incarnation,
      state: paths.state,
      run: paths.run,
      adoptionWindowMs: parts.adoptionWindowMs,
      nodeName,
      daemons: plan.daemons,
      helpers: parts.groups?.helpers.folders ?? [],
    },
    process.env,
  );
  return { command, environment };
}
