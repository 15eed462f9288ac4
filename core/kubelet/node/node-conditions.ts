import { formatTime } from "../../api/time/timestamp.ts";
import type { NodeCondition } from "../../api/index.ts";
import type { MachineUsage } from "./machine.ts";

/** Below these the node says that it is short of something; the scheduler then sends no more pods. */
export interface PressureThresholds {
  readonly memoryBytes: number;
  /** Parts of the whole. */
  readonly disk: number;
  readonly inodes: number;
  readonly pids: number;
}

/** Kubernetes documentation, "Node-pressure Eviction", default hard eviction thresholds; ours for processes. */
export const defaultThresholds: PressureThresholds = {
  memoryBytes: 100 * 1024 * 1024,
  disk: 0.1,
  inodes: 0.05,
  pids: 0.05,
};

export interface ConditionFacts {
  /** Sentences, one for each part of the node that is missing, by its name: "network", "runtime". */
  readonly missing: Readonly<Record<string, string>>;
  readonly usage: MachineUsage;
  readonly thresholds: PressureThresholds;
  readonly previous: readonly NodeCondition[];
  readonly now: number;
}

type Verdict = Pick<NodeCondition, "type" | "status" | "reason" | "message">;

export function nodeConditions(facts: ConditionFacts): NodeCondition[] {
  const own = [...pressures(facts), readiness(facts)];
  const time = formatTime(facts.now);
  const others = facts.previous.filter((other) => !own.some(({ type }) => type === other.type));
  return [
    ...others,
    ...own.map((verdict) => {
      const before = facts.previous.find(({ type }) => type === verdict.type);
      const same = before?.status === verdict.status;
      return {
        ...verdict,
        lastHeartbeatTime: time,
        lastTransitionTime: (same && before?.lastTransitionTime) || time,
      };
    }),
  ];
}

function pressures({ thresholds, usage }: ConditionFacts): Verdict[] {
  const noDisk =
    usage.diskAvailableBytes < usage.diskCapacityBytes * thresholds.disk ||
    // Some file systems count no inodes.
    (usage.inodes > 0 && usage.inodesFree < usage.inodes * thresholds.inodes);
  const noPids = usage.maxPids > 0 && usage.maxPids - usage.pids < usage.maxPids * thresholds.pids;
  return [
    verdict(
      "MemoryPressure",
      usage.memoryAvailableBytes < thresholds.memoryBytes,
      ["KubeletHasInsufficientMemory", "kubelet has insufficient memory available"],
      ["KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    ),
    verdict(
      "DiskPressure",
      noDisk,
      ["KubeletHasDiskPressure", "kubelet has disk pressure"],
      ["KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ),
    verdict(
      "PIDPressure",
      noPids,
      ["KubeletHasInsufficientPID", "kubelet has insufficient PID available"],
      ["KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    ),
  ];
}

function verdict(type: string, holds: boolean, yes: [string, string], no: [string, string]): Verdict {
  const [reason, message] = holds ? yes : no;
  return { type, status: holds ? "True" : "False", reason, message };
}

function readiness({ missing }: ConditionFacts): Verdict {
  const parts = Object.entries(missing);
  const [first] = parts;
  if (!first) {
    return {
      type: "Ready",
      status: "True",
      reason: "KubeletReady",
      message: "kubelet is posting ready status",
    };
  }
  const name = first[0];
  return {
    type: "Ready",
    status: "False",
    reason: `${name[0]!.toUpperCase()}${name.slice(1)}NotReady`,
    message: parts.map(([part, why]) => `${part}: ${why}`).join("; "),
  };
}
