import { PluginError } from "@berth/sdk";
import type { Gpu } from "./gpu.ts";

/**
 * Chooses `size` of the available devices with those that must be in it: all on one NUMA node where one has enough, on the fullest
 * such node, so that whole nodes stay free for larger requests; then by index.
 */
export function preferredAllocation(
  gpus: readonly Gpu[],
  request: { available: readonly string[]; mustInclude: readonly string[]; size: number },
): string[] {
  const { available, mustInclude, size } = request;
  if (
    size < mustInclude.length ||
    size > available.length ||
    mustInclude.some((id) => !available.includes(id))
  ) {
    throw new PluginError(
      "INVALID_ARGUMENT",
      `${size} devices are asked for out of ${available.length}, with ${mustInclude.length} that must be among them`,
      "Offer at least that many, those included.",
    );
  }
  const byId = new Map(gpus.map((gpu) => [gpu.id, gpu]));
  const wanted = size - mustInclude.length;
  const free = available.filter((id) => !mustInclude.includes(id));
  const nodeOf = (id: string): number => byId.get(id)?.numaNode ?? -1;
  const home = mustInclude.length > 0 ? nodeOf(mustInclude[0]!) : tightestNode(free.map(nodeOf), wanted);
  const order = free.toSorted(
    (a, b) =>
      Number(nodeOf(b) === home) - Number(nodeOf(a) === home) ||
      (byId.get(a)?.index ?? 0) - (byId.get(b)?.index ?? 0),
  );
  return [...mustInclude, ...order.slice(0, wanted)];
}

/** The node with the fewest free devices that still has enough; undefined when none has. */
function tightestNode(nodes: readonly number[], wanted: number): number | undefined {
  const counts = new Map<number, number>();
  for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= wanted)
    .toSorted(([nodeA, a], [nodeB, b]) => a - b || nodeA - nodeB)[0]?.[0];
}
