import type { ContainerStatus, Pod, PodStatus } from "../../api/index.ts";
import { formatTime } from "../../api/time/timestamp.ts";
import { readySandbox } from "../actual/pod-actual.ts";
import { containerStatus, type StatusInput } from "./container-statuses.ts";
import { podConditions } from "./pod-conditions.ts";
import { ephemeralContainers, initContainers, isTerminalPhase, regularContainers } from "./pod-containers.ts";
import { podPhase } from "./pod-phase.ts";
import { qosClass } from "./qos.ts";

export interface PodStatusInput extends Omit<StatusInput, "defaultWaiting" | "previous"> {
  readonly pod: Pod;
  /** The status that was reported last. */
  readonly previous: PodStatus;
  readonly finished: boolean;
  /** Addresses of the node, the main one first. */
  readonly hostIps: readonly string[];
  /** When the node took the pod on; milliseconds since the epoch. */
  readonly acceptedAt: number;
  readonly now: number;
  /** A failure of the pod as a whole, after which it is never started again. */
  readonly failure: { reason: string; message: string } | undefined;
}

/** The whole status of a pod. Pure; the writer sends it when it differs from the last one. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, previous } = input;
  const inits = initContainers(pod);
  const initializing =
    inits.length > 0 && !regularContainers(pod).some((one) => isKnown(input, one.spec.name));
  const statusOf = (previousList: ContainerStatus[] | undefined, defaultWaiting: string): StatusInput => ({
    ...input,
    defaultWaiting,
    previous: previousList ?? [],
  });
  const init = inits.map((one) =>
    containerStatus(one, statusOf(previous.initContainerStatuses, "PodInitializing")),
  );
  const regular = regularContainers(pod).map((one) =>
    containerStatus(
      one,
      statusOf(previous.containerStatuses, initializing ? "PodInitializing" : "ContainerCreating"),
    ),
  );
  const ephemeral = ephemeralContainers(pod).map((one) =>
    containerStatus(one, statusOf(previous.ephemeralContainerStatuses, "ContainerCreating")),
  );
  const computed = input.failure ? "Failed" : podPhase(pod, { init, regular }, input.finished);
  // A pod that has ended stays ended, whatever the runtime has forgotten since.
  const phase = isTerminalPhase(previous.phase) ? (previous.phase as "Succeeded" | "Failed") : computed;
  const sandbox = readySandbox(input.actual);
  const ips = podIps(input);
  const { generation } = pod.metadata;
  const failure =
    input.failure ?? (previous.reason && isTerminalPhase(previous.phase) ? previous : undefined);
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions: podConditions({
      pod,
      phase,
      init,
      regular,
      sandboxReady: sandbox !== undefined,
      previous: previous.conditions ?? [],
      now: formatTime(input.now),
    }),
    ...(failure?.reason ? { reason: failure.reason, message: failure.message ?? "" } : {}),
    ...(input.hostIps[0] ? { hostIP: input.hostIps[0], hostIPs: input.hostIps.map((ip) => ({ ip })) } : {}),
    ...(ips[0] ? { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) } : {}),
    startTime: previous.startTime ?? formatTime(input.acceptedAt),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: regular,
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    qosClass: previous.qosClass ?? qosClass(pod),
  };
}

function isKnown(input: PodStatusInput, name: string): boolean {
  return input.actual.containers.some((container) => container.name === name);
}

function podIps(input: PodStatusInput): readonly string[] {
  if (input.pod.spec?.hostNetwork) return input.actual.sandboxes.length > 0 ? input.hostIps : [];
  const sandbox = input.actual.sandboxes[0];
  if (sandbox && sandbox.ips.length > 0) return sandbox.ips;
  return (input.previous.podIPs ?? []).map((entry) => entry.ip);
}
