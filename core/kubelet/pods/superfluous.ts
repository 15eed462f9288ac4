import type { PodActual } from "../actual/pod-actual.ts";

/**
 * What of a pod can be removed from the runtime: ended containers but the last of each name, whose log
 * `kubectl logs --previous` shows, and former sandboxes that hold no container any more.
 */
export function superfluous(actual: PodActual): PodActual {
  const seen = new Set<string>();
  const containers = actual.containers.filter((container) => {
    if (container.phase !== "exited") return false;
    if (seen.has(container.name)) return true;
    seen.add(container.name);
    return false;
  });
  const kept = new Set(
    actual.containers
      .filter((container) => !containers.includes(container))
      .map(({ sandboxId }) => sandboxId),
  );
  const sandboxes = actual.sandboxes.slice(1).filter((sandbox) => !sandbox.ready && !kept.has(sandbox.id));
  return { containers, sandboxes };
}
