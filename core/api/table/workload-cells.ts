import type {
  CronJob,
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  LabelSelector,
  PodSpec,
  PodTemplate,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from "../generated/types.ts";
import { formatLabelSelector } from "../selectors/label-selector.ts";
import { autoscalerToV2 } from "../objects/convert-autoscaler.ts";
import { formatAge, formatSpan, parseTime } from "../time/timestamp.ts";
import { type Cell, type Cells, cellsOf, countOf, joined, pairs } from "./cell.ts";

interface Workload {
  readonly spec: { readonly selector?: LabelSelector; readonly template?: { readonly spec?: PodSpec } };
}

const containers = (spec: PodSpec | undefined): string =>
  joined((spec?.containers ?? []).map(({ name }) => name));
const images = (spec: PodSpec | undefined): string =>
  joined((spec?.containers ?? []).map(({ image }) => image ?? ""));

const templateCells: Cells = cellsOf<Workload>({
  Containers: ({ spec }) => containers(spec.template?.spec),
  Images: ({ spec }) => images(spec.template?.spec),
  Selector: ({ spec }) => formatLabelSelector(spec.selector),
});

const replicaCells: Cells = cellsOf<ReplicaSet | ReplicationController>({
  Desired: ({ spec }) => spec.replicas ?? 1,
  Current: ({ status }) => status?.replicas ?? 0,
  Ready: ({ status }) => status?.readyReplicas ?? 0,
});

function jobStatus({ metadata, status }: Job): string {
  const holds = (wanted: string): boolean =>
    status?.conditions?.some((condition) => condition.type === wanted && condition.status === "True") ??
    false;
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (metadata.deletionTimestamp) return "Terminating";
  if (holds("Suspended")) return "Suspended";
  if (holds("FailureTarget")) return "FailureTarget";
  return holds("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function jobCompletions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  return (spec.parallelism ?? 1) > 1 ? `${done}/1 of ${spec.parallelism!}` : `${done}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  const start = parseTime(status?.startTime ?? "");
  if (start === undefined) return "";
  const end = parseTime(status?.completionTime ?? "") ?? now;
  return formatSpan(Math.floor((end - start) / 1000));
}

function autoscalerTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const targets = (spec.metrics ?? []).map(({ type, resource }, index) => {
    if (type !== "Resource" || !resource) return type;
    const current = status?.currentMetrics?.[index]?.resource?.current;
    if (resource.target.averageUtilization !== undefined) {
      const used = current?.averageUtilization;
      return `${resource.name}: ${used === undefined ? "<unknown>" : `${used}%`}/${resource.target.averageUtilization}%`;
    }
    return `${resource.name}: ${current?.averageValue ?? "<unknown>"}/${resource.target.averageValue ?? "<auto>"}`;
  });
  return joined(targets, 2);
}

/** What both versions show alike. */
const autoscalerCells: Cells = cellsOf<HorizontalPodAutoscaler>({
  Reference: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
  MinPods: ({ spec }) => String(spec.minReplicas ?? "<unset>"),
  MaxPods: "spec.maxReplicas",
  Replicas: ({ status }) => status?.currentReplicas ?? 0,
});
const targetsCell = autoscalerTargets as unknown as Cell;

export const workloadCells: Readonly<Record<string, Cells>> = {
  "core.v1.ReplicationController": {
    ...replicaCells,
    ...templateCells,
    ...cellsOf<ReplicationController>({ Selector: ({ spec }) => pairs(spec.selector) }),
  },
  "core.v1.PodTemplate": cellsOf<PodTemplate>({
    Containers: ({ template }) => containers(template?.spec),
    Images: ({ template }) => images(template?.spec),
    "Pod Labels": ({ template }) => pairs(template?.metadata?.labels),
  }),
  "apps.v1.ReplicaSet": { ...replicaCells, ...templateCells },
  "apps.v1.Deployment": {
    ...templateCells,
    ...cellsOf<Deployment>({
      Ready: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
      "Up-to-date": ({ status }) => status?.updatedReplicas ?? 0,
      Available: ({ status }) => status?.availableReplicas ?? 0,
    }),
  },
  "apps.v1.StatefulSet": {
    ...templateCells,
    ...cellsOf<StatefulSet>({
      Ready: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    }),
  },
  "apps.v1.DaemonSet": {
    ...templateCells,
    ...cellsOf<DaemonSet>({
      Desired: ({ status }) => status?.desiredNumberScheduled ?? 0,
      Current: ({ status }) => status?.currentNumberScheduled ?? 0,
      Ready: ({ status }) => status?.numberReady ?? 0,
      "Up-to-date": ({ status }) => status?.updatedNumberScheduled ?? 0,
      Available: ({ status }) => status?.numberAvailable ?? 0,
      "Node Selector": ({ spec }) => pairs(spec.template.spec?.nodeSelector),
    }),
  },
  "apps.v1.ControllerRevision": {
    Controller: (revision) => {
      const owners = (
        revision["metadata"] as { ownerReferences?: { kind: string; name: string; controller?: boolean }[] }
      ).ownerReferences;
      const owner = owners?.find(({ controller }) => controller);
      return owner ? `${owner.kind.toLowerCase()}/${owner.name}` : "<none>";
    },
    Revision: "revision",
  },
  "batch.v1.Job": {
    ...templateCells,
    ...cellsOf<Job>({ Status: jobStatus, Completions: jobCompletions, Duration: jobDuration }),
  },
  "batch.v1.CronJob": cellsOf<CronJob>({
    Schedule: "spec.schedule",
    Timezone: "spec.timeZone",
    Suspend: ({ spec }) => (spec.suspend ? "True" : "False"),
    Active: ({ status }) => countOf(status?.active),
    "Last Schedule": ({ status }, now) =>
      status?.lastScheduleTime ? formatAge(status.lastScheduleTime, now) : "<none>",
    Containers: ({ spec }) => containers(spec.jobTemplate.spec?.template.spec),
    Images: ({ spec }) => images(spec.jobTemplate.spec?.template.spec),
    Selector: ({ spec }) => formatLabelSelector(spec.jobTemplate.spec?.selector),
  }),
  "autoscaling.v1.HorizontalPodAutoscaler": {
    ...autoscalerCells,
    Targets: (object, now) => targetsCell(autoscalerToV2(object), now),
  },
  "autoscaling.v2.HorizontalPodAutoscaler": { ...autoscalerCells, Targets: targetsCell },
};
