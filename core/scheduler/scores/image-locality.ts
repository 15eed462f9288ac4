import type { NodeInfo, Score } from "../model.ts";

/** Below this much nothing is worth a rating; a gigabyte of images a container gets the full one. */
const least = 23 * 1024 * 1024;
const most = 1024 * 1024 * 1024;

/** Prefers nodes that have the pod's images already; an image that every node has counts for none. */
export const imageLocality: Score = {
  name: "image locality",
  weight: 1,
  rate({ pod }, nodes) {
    const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
    const sizes = nodes.map(imageSizes);
    return nodes.map((_, index) => {
      let sum = 0;
      for (const { image = "" } of containers) {
        const having = sizes.filter((size) => size.has(image)).length;
        if (having < nodes.length) sum += sizes[index]!.get(image) ?? 0;
      }
      const full = most * containers.length;
      return (100 * (Math.min(Math.max(sum, least), full) - least)) / (full - least);
    });
  },
};

function imageSizes({ node }: NodeInfo): Map<string, number> {
  return new Map(
    (node.status?.images ?? []).flatMap(({ names = [], sizeBytes = 0 }) =>
      names.map((name): [string, number] => [name, sizeBytes]),
    ),
  );
}
