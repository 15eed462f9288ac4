import type { Container, PodSpec, VolumeProjection } from "../generated/types.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { valueAt } from "../table/cell.ts";
import { podTemplates } from "../warnings/kind-warnings.ts";

/** Sources of volumes behind the gates ClusterTrustBundleProjection and PodCertificateRequest. */
const closedSources = ["clusterTrustBundle", "podCertificate"] as const;

/**
 * Takes from a pod or a template, in place, what stands behind gates that Kubernetes leaves closed: nobody would act upon it.
 * What the object had before stays.
 */
export function dropClosedFields({ type }: Kind, object: object, old?: object): void {
  const spec = podSpecOf(type, object);
  if (!spec) return;
  const before = old && podSpecOf(type, old);
  // ContainerStopSignals
  if (!before || !containersOf(before).some(({ lifecycle }) => lifecycle?.stopSignal)) {
    for (const container of containersOf(spec)) {
      if (container.lifecycle?.stopSignal === undefined) continue;
      delete container.lifecycle.stopSignal;
      if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
    }
  }
  for (const member of closedSources) {
    if (before && sourcesOf(before).some((source) => source[member])) continue;
    for (const source of sourcesOf(spec)) if (source[member]) delete source[member];
  }
}

function podSpecOf(type: string, object: object): PodSpec | undefined {
  if (type === "core.v1.Pod") return (object as { spec?: PodSpec }).spec;
  const path = podTemplates[type];
  return path === undefined
    ? undefined
    : (valueAt(object as JsonObject, `${path}.spec`) as PodSpec | undefined);
}

function containersOf({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec): Container[] {
  return [...(containers ?? []), ...initContainers, ...(ephemeralContainers as Container[])];
}

function sourcesOf({ volumes = [] }: PodSpec): VolumeProjection[] {
  return volumes.flatMap(({ projected }) => projected?.sources ?? []);
}
