import type { Pod } from "../../api/index.ts";

/** When a pod has been active for as long as it may; milliseconds since the epoch, undefined without a limit. */
export function podDeadline(pod: Pod, startTime: string | undefined): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  return seconds === undefined || startTime === undefined
    ? undefined
    : Date.parse(startTime) + seconds * 1000;
}

export const deadlineExceeded = {
  reason: "DeadlineExceeded",
  message: "Pod was active on the node longer than the specified deadline",
} as const;
