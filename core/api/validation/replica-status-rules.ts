import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import { countsIn } from "./status-rules.ts";

const at = FieldPath.of("status");
type Counts = Readonly<Record<string, number | undefined>>;
const countsOf = (object: JsonObject): Counts => (object["status"] ?? {}) as Counts;

/** What a controller counts of its pods. */
interface Counted {
  /** What is never less than nothing, in the order in which it is told. */
  readonly counts: readonly string[];
  /** Parts of `replicas`. */
  readonly parts: readonly string[];
  /** Where those that are ready are told to be. */
  readonly ready?: string;
}

/** A status in which more pods are ready, or available, than there are, is a mistake. */
export function replicaStatus({ counts, parts, ready = "readyReplicas" }: Counted): typeof checkCollisions {
  const check = countsIn(...counts);
  return (object, old, errors) => {
    check(object, errors);
    const status = countsOf(object);
    const countOf = (member: string): number => status[member] ?? 0;
    for (const part of parts)
      if (countOf(part) > countOf("replicas"))
        errors.invalid(at.child(part), countOf(part), "cannot be greater than status.replicas");
    const available = "availableReplicas";
    if (countOf(available) > countOf("readyReplicas"))
      errors.invalid(at.child(available), countOf(available), `cannot be greater than ${ready}`);
    checkCollisions(object, old, errors);
  };
}

/** A name that was taken once is not tried again. */
export function checkCollisions(object: JsonObject, old: JsonObject, errors: FieldErrors): void {
  const [now, before] = [countsOf(object), countsOf(old)].map((counts) => counts["collisionCount"]);
  if (before !== undefined && (now === undefined || now < before))
    errors.invalid(at.child("collisionCount"), now ?? 0, "cannot be decremented");
}

export const deploymentStatus = replicaStatus({
  counts: [
    ...["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas"],
    ...["unavailableReplicas", "terminatingReplicas", "collisionCount"],
  ],
  parts: ["updatedReplicas", "readyReplicas", "availableReplicas"],
});

/** Of replication controllers too. */
export const replicaSetStatus = replicaStatus({
  counts: [
    ...["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"],
    "terminatingReplicas",
  ],
  parts: ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
});

export const statefulSetStatus = replicaStatus({
  counts: [
    ...["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
    ...["observedGeneration", "collisionCount"],
  ],
  parts: ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
  ready: "status.readyReplicas",
});

const daemonCounts = countsIn(
  ...["currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"],
  ...["observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable"],
  "collisionCount",
);

export function daemonSetStatus(object: JsonObject, old: JsonObject, errors: FieldErrors): void {
  daemonCounts(object, errors);
  checkCollisions(object, old, errors);
}
