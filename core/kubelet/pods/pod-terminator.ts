import type { Clock } from "@berth/base";
import type { Pod } from "../../api/index.ts";
import type { ActualContainer, PodActual } from "../actual/pod-actual.ts";
import type { ContainerKiller } from "../containers/container-killer.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import { allContainers } from "./pod-containers.ts";

export interface Termination {
  readonly clock: Clock;
  readonly pod: Pod;
  readonly handler: RuntimeHandler;
  readonly actual: PodActual;
  readonly graceMs: number;
  readonly hurry: AbortSignal;
}

/** Ends all containers of a pod: regular ones together, then sidecars, the last one started first. */
export async function terminateContainers(killer: ContainerKiller, termination: Termination): Promise<void> {
  const { pod, actual } = termination;
  const running = actual.containers.filter((container) => container.phase === "running");
  const sidecars = (pod.spec?.initContainers ?? [])
    .filter((spec) => spec.restartPolicy === "Always")
    .toReversed();
  const isSidecar = (container: ActualContainer): boolean =>
    sidecars.some((spec) => spec.name === container.name);
  const begun = termination.clock.monotonic();
  const kill = (container: ActualContainer): Promise<void> =>
    killer.kill({
      pod,
      handler: termination.handler,
      containerId: container.id,
      containerName: container.name,
      spec: allContainers(pod).find(({ spec }) => spec.name === container.name)?.spec,
      podIp: actual.sandboxes[0]?.ips[0] ?? "127.0.0.1",
      message: `Stopping container ${container.name}`,
      graceMs: Math.max(0, termination.graceMs - (termination.clock.monotonic() - begun)),
      hurry: termination.hurry,
    });
  await Promise.all(running.filter((container) => !isSidecar(container)).map(kill));
  for (const spec of sidecars) {
    await Promise.all(running.filter((container) => container.name === spec.name).map(kill));
  }
}

/** Milliseconds a pod is given to end: what the deletion says, else what its specification says. */
export function graceOf(pod: Pod): number {
  return (pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}
