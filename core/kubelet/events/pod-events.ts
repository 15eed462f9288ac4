import type { Pod } from "../../api/index.ts";
import { initContainers, ephemeralContainers } from "../pods/pod-containers.ts";

/** Where the node tells about pods; the sender joins what repeats. Never throws and never waits. */
export interface PodEvents {
  record(pod: Pod, event: PodEvent): void;
}

export interface PodEvent {
  readonly type: "Normal" | "Warning";
  /** One word: "Pulled". */
  readonly reason: string;
  /** A sentence that ends with what to do, where the reader can do something. */
  readonly message: string;
  /** Name of the container it is about. */
  readonly container?: string;
}

/** "spec.containers{web}", as `kubectl describe` reads it. */
export function containerFieldPath(pod: Pod, container: string): string {
  const named = (list: readonly { spec: { name: string } }[]): boolean =>
    list.some(({ spec }) => spec.name === container);
  const field = named(initContainers(pod))
    ? "initContainers"
    : named(ephemeralContainers(pod))
      ? "ephemeralContainers"
      : "containers";
  return `spec.${field}{${container}}`;
}
