import type { Pod } from "../../../api/index.ts";
import type { Kubectl } from "../kubectl.ts";

/** Pods, container ids and restart counts as one comparable text. */
export async function containerIdentities(kubectl: Kubectl): Promise<string> {
  const pods = await kubectl.json<{ items: Pod[] }>(["get", "pods", "-A"]);
  return pods.items
    .flatMap((pod) =>
      (pod.status?.containerStatuses ?? []).map(
        (status) => `${pod.metadata?.uid}/${status.name} ${status.containerID} ${status.restartCount}`,
      ),
    )
    .sort()
    .join("\n");
}
