import { mirrorAnnotation, type Pod } from "../../api/index.ts";

/** As `kubectl drain` has them. */
export interface DrainChoice {
  readonly ignoreDaemonsets: boolean;
  readonly deleteEmptydirData: boolean;
  readonly force: boolean;
}

/** evict: it goes. keep: it stays on purpose. refuse: somebody has to decide first. */
export interface PodVerdict {
  readonly pod: Pod;
  readonly verdict: "evict" | "keep" | "refuse";
  /** Why it is not simply evicted, or what goes with it; empty when there is nothing to say. */
  readonly reason: string;
}

/** What a drain does with one pod of the node. */
export function judgePod(pod: Pod, choice: DrainChoice): PodVerdict {
  const say = (verdict: PodVerdict["verdict"], reason: string): PodVerdict => ({ pod, verdict, reason });
  if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined)
    return say("keep", "it is a static pod: its file on the node decides about it");
  const { phase } = pod.status ?? {};
  if (phase === "Succeeded" || phase === "Failed" || pod.metadata.deletionTimestamp) return say("evict", "");
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind === "DaemonSet") {
    return choice.ignoreDaemonsets
      ? say("keep", `DaemonSet ${owner.name} would start it again at once`)
      : say(
          "refuse",
          `DaemonSet ${owner.name} would start it again at once; --ignore-daemonsets lets it stay`,
        );
  }
  if (!owner && !choice.force)
    return say("refuse", "no controller would start it elsewhere; --force deletes it for good");
  const losses = [
    ...(owner ? [] : ["no controller starts it elsewhere"]),
    ...emptyDirs(pod).map((name) => `the data of its emptyDir ${name} is lost`),
  ];
  if (emptyDirs(pod).length > 0 && !choice.deleteEmptydirData)
    return say(
      "refuse",
      `the data of its emptyDir ${emptyDirs(pod).join(", ")} would be lost; --delete-emptydir-data allows that`,
    );
  return say("evict", losses.join(", "));
}

function emptyDirs({ spec }: Pod): string[] {
  return (spec?.volumes ?? []).filter(({ emptyDir }) => emptyDir).map(({ name }) => name);
}

/** Contracts whose plugins a pod that stays may need: these serve on. */
export function contractsOf({ spec }: Pod): string[] {
  const volumes = spec?.volumes ?? [];
  const limits = (spec?.containers ?? []).flatMap(({ resources }) => Object.keys(resources?.limits ?? {}));
  return [
    "cri",
    // A runtime that runs may ask the network about any of its pods.
    "cni",
    ...(volumes.some(({ persistentVolumeClaim, ephemeral, csi }) => persistentVolumeClaim ?? ephemeral ?? csi)
      ? ["csi"]
      : []),
    ...(limits.some((name) => name.includes("/")) ? ["device"] : []),
  ];
}

export function podTitle({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
