import type { Pod } from "../../api/index.ts";
import type { StartDecision } from "./decisions.ts";
import { allContainers } from "./pod-containers.ts";

/** Key of the task that works on a container. */
export const containerTask = (name: string): string => `container ${name}`;

/** Names of containers on which a task of `busy` works. */
export function busyContainers(pod: Pod, busy: ReadonlySet<string>): Set<string> {
  const names = allContainers(pod).map(({ spec }) => spec.name);
  return new Set(names.filter((name) => busy.has(containerTask(name))));
}

/** True while an earlier container's postStart hook may run: some rely on that order. */
export function waitsForHook(
  pod: Pod,
  { container }: StartDecision,
  isBusy: (name: string) => boolean,
): boolean {
  if (container.role !== "regular") return false;
  const regular = pod.spec.containers;
  const index = regular.findIndex(({ name }) => name === container.spec.name);
  return regular.slice(0, index).some(({ lifecycle, name }) => lifecycle?.postStart && isBusy(name));
}
