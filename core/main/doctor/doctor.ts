import { errorMessage } from "@berth/base";
import type { PluginInstance } from "../../api/index.ts";
import type { CallRecording } from "../../pluginhost/contracts/index.ts";
import { capabilityFindings } from "./capability-findings.ts";
import type { Finding } from "./finding.ts";
import { machineFindings } from "./machine-findings.ts";
import {
  certificateFindings,
  clockFindings,
  lockFindings,
  type NodeEvidence,
  orphanFindings,
  socketFindings,
} from "./node-findings.ts";
import { pluginFindings } from "./plugin-findings.ts";

/** What a core that answers says; undefined where none does. */
export interface CoreEvidence {
  readonly instances: readonly PluginInstance[];
  readonly recordings: readonly { readonly node: string; readonly recording: CallRecording }[];
}

/** Every fault that the evidence shows, causes before what follows from them. */
export function diagnose(node: NodeEvidence, core: CoreEvidence | undefined): Finding[] {
  const found = [
    ...machineFindings(node.features, node.lock.isCore),
    ...lockFindings(node),
    ...certificateFindings(node),
    ...socketFindings(node),
    ...orphanFindings(node, core?.instances),
    ...(core
      ? [
          ...clockFindings(node, core.instances),
          ...pluginFindings(
            core.instances,
            node.sockets.flatMap(({ path, isServed }) => (isServed ? [] : [path])),
          ),
          ...core.recordings.flatMap(({ node: name, recording }) => capabilityFindings(recording, name)),
        ]
      : []),
  ];
  return found;
}

/** The parts of a core's evidence, from an API that may not answer. */
export async function readCoreEvidence(source: {
  instances(): Promise<PluginInstance[]>;
  recording(instance: PluginInstance): Promise<CallRecording>;
  note(text: string): void;
}): Promise<CoreEvidence | undefined> {
  let instances: PluginInstance[];
  try {
    instances = await source.instances();
  } catch (error) {
    source.note(`no core was asked: ${errorMessage(error)}`);
    return undefined;
  }
  const recordings: { node: string; recording: CallRecording }[] = [];
  for (const instance of instances) {
    if (instance.spec.contract !== "csi" || instance.status?.state !== "ready") continue;
    recordings.push({ node: instance.spec.nodeName, recording: await source.recording(instance) });
  }
  return { instances, recordings };
}
