import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { listMountsUnder, openProcess, type ProcessIdentity } from "@berth/linux";
import type { ChaosNode } from "./chaos-node.ts";
import type { VerbFault } from "./hook.ts";
import type { Fault, FaultKind, PluginName } from "./schedule.ts";

type Lift = () => Promise<void> | void;

/** Does what a fault says; the result ends it. */
export function inflict(node: ChaosNode, fault: Fault): Lift {
  return ways[fault.kind](node, fault, fault.plugin!);
}

const wrongAnswers = (node: ChaosNode, { kind, amountMs }: Fault, plugin: PluginName): Lift => {
  node.setAnswers(plugin, { kind: kind as VerbFault["kind"], ms: amountMs });
  return () => node.setAnswers(plugin, null);
};

const ways: Readonly<Record<FaultKind, (node: ChaosNode, fault: Fault, plugin: PluginName) => Lift>> = {
  "kill plugin": (node, _, plugin) => signalAll(node.processesOf(plugin), "SIGKILL"),
  "kill core": (node) => () => restartCore(node),
  "kill containerd": (node) => signalAll(node.containerd(), "SIGKILL"),
  "stop plugin": (node, _, plugin) => stopped(node.processesOf(plugin)),
  "stop core": (node) => stopped([node.coreProcess()].filter((one) => one !== undefined)),
  "fill disk": (node) => node.fillDisk(),
  "delete folder": (node, _, plugin) => deleteFolder(node, plugin),
  "slow verbs": wrongAnswers,
  "lost answers": wrongAnswers,
  "empty answers": wrongAnswers,
  "clock jump": (node, { amountMs }) => {
    node.setClock(amountMs);
    return () => node.setClock(0);
  },
};

async function restartCore(node: ChaosNode): Promise<void> {
  await node.core.kill();
  await node.startCore();
}

/** By identity: a number that another process has got meanwhile is not touched. */
function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): () => void {
  for (const identity of processes) {
    const handle = openProcess(identity);
    handle?.signal(signal);
    handle?.close();
  }
  return () => {};
}

function stopped(processes: readonly ProcessIdentity[]): () => void {
  signalAll(processes, "SIGSTOP");
  return () => void signalAll(processes, "SIGCONT");
}

/** The plugin's sockets and run-time files, as a clean-up of /run by somebody else would; mounts cannot be deleted. */
function deleteFolder(node: ChaosNode, plugin: PluginName): () => void {
  const folder = node.runFolder(plugin);
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const deletable = names.filter((name) => listMountsUnder(join(folder, name)).length === 0);
  for (const name of deletable) rmSync(join(folder, name), { recursive: true, force: true });
  if (deletable.length === names.length) rmSync(folder, { recursive: true, force: true });
  return () => {};
}
