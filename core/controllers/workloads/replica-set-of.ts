import type { Deployment, ReplicaSet } from "../../api/index.ts";
import type { ApiObject } from "../../client/contracts.ts";
import { ownerReference } from "./adoption.ts";
import { slackOf } from "./rolling-update.ts";
import { hashLabel, templateHash } from "./template-hash.ts";

const prefix = "deployment.kubernetes.io/";
const revisionAnnotation = `${prefix}revision`;
/** The deployment's number when the set was last scaled: a difference tells of a change of it. */
export const desiredAnnotation = `${prefix}desired-replicas`;
const maxAnnotation = `${prefix}max-replicas`;
const notCarried = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  desiredAnnotation,
  maxAnnotation,
]);

/** The set that makes the pods of a deployment's present template. */
export function newReplicaSet(deployment: Deployment, replicas: number, revision: number): ReplicaSet {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount ?? 0);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const { name, uid = "", namespace = "" } = metadata;
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid, isDying: false };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: { ...carried(deployment), ...setAnnotations(deployment, revision) },
      ownerReferences: [ownerReference(owner)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** What is noted on a set whenever it is scaled, and with its revision when that changes. */
export function setAnnotations(deployment: Deployment, revision?: number): Record<string, string> {
  const replicas = deployment.spec.replicas ?? 1;
  return {
    [desiredAnnotation]: String(replicas),
    [maxAnnotation]: String(replicas + slackOf(deployment).surge),
    ...(revision !== undefined && { [revisionAnnotation]: String(revision) }),
  };
}

export function revisionOf({ metadata }: ApiObject): number {
  return Number(metadata?.annotations?.[revisionAnnotation] ?? 0);
}

export function nextRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf)) + 1;
}

/** A deployment's own annotations, the change cause among them, are kept with each revision. */
function carried({ metadata }: Deployment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => !notCarried.has(key)),
  );
}
