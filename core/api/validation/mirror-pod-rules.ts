import type { Pod } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";

/** On pods that a node runs from a file of its own and only shows here. */
export const mirrorAnnotation = "kubernetes.io/config.mirror";
const at = FieldPath.of("metadata", "annotations").at(mirrorAnnotation);

/** A mirror stays one, and nothing else becomes one. */
export function checkMirrorUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  const [now, then] = [
    pod.metadata?.annotations?.[mirrorAnnotation],
    old.metadata?.annotations?.[mirrorAnnotation],
  ];
  if (now === then) return;
  if (then === undefined) errors.forbidden(at, "may not add mirror pod annotation");
  else errors.forbidden(at, "may not remove or update mirror pod annotation");
}
