import { formatTime, type JsonObject, type Pod } from "../../../api/index.ts";
import { qosClass } from "../../../api/scheduling/qos-class.ts";
import type { Draft } from "../object-meta.ts";
import { takeAppArmorAnnotations } from "./app-armor-annotations.ts";
import type { Strategy } from "../strategy.ts";

const usualGraceSeconds = 30;

/** Pods begin pending, and only the node that runs one can say that it has ended. */
export const podStrategy: Strategy = {
  prepareForCreate(pod, { now, warnings }) {
    const spec = pod.spec as unknown as Pod["spec"];
    if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
    takeAppArmorAnnotations(pod as unknown as Pod, warnings);
    const conditions = spec.schedulingGates?.length ? { conditions: [gated(now)] } : {};
    pod.status = { phase: "Pending", ...conditions, qosClass: qosClass(pod as unknown as Pod) };
  },
  prepareForUpdate(pod, old, { subresource }) {
    if (subresource === "resize") pod.spec = resized(old.spec ?? {}, pod.spec ?? {});
    if (subresource === "ephemeralcontainers")
      pod.spec = { ...old.spec, ephemeralContainers: pod.spec?.["ephemeralContainers"] };
    if (subresource !== "status") return;
    const decided = old.status?.["qosClass"];
    if (pod.status && decided !== undefined) pod.status = { qosClass: decided, ...pod.status };
  },
  gracePeriod(pod, asked) {
    if (endsAtOnce(pod)) return 0;
    const own = pod.spec?.["terminationGracePeriodSeconds"];
    const grace = asked ?? (typeof own === "number" ? own : usualGraceSeconds);
    // Clients that want it soon say -1.
    return grace < 0 ? 1 : grace;
  },
};

const gated = (now: number): JsonObject => ({
  type: "PodScheduled",
  status: "False",
  lastProbeTime: null,
  lastTransitionTime: formatTime(now),
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
});

/** No kubelet has seen it, or it has ended: nothing needs time. */
function endsAtOnce({ spec = {}, status = {} }: Draft): boolean {
  const phase = status["phase"];
  return !spec["nodeName"] || phase === "Succeeded" || phase === "Failed";
}

/** The old spec with the containers' resources of the new one. */
function resized(old: JsonObject, wanted: JsonObject): JsonObject {
  const spec = { ...old };
  for (const list of ["containers", "initContainers"] as const) {
    const before = old[list] as ContainerLike[] | undefined;
    const after = (wanted[list] ?? []) as ContainerLike[];
    if (!before) continue;
    spec[list] = before.map((container) => {
      const same = after.find((one) => one.name === container.name);
      return same?.resources ? { ...container, resources: same.resources } : container;
    });
  }
  return spec;
}

interface ContainerLike {
  name: string;
  resources?: object;
}
