import type { PodStatus } from "../../api/index.ts";

/** How often each container that was ever made had been restarted, as it was reported, by name. */
export function reportedRestarts(status: PodStatus): Record<string, number> {
  const reported = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  const made = reported.filter(({ containerID }) => containerID !== undefined);
  return Object.fromEntries(made.map(({ name, restartCount }) => [name, restartCount]));
}
