import type {
  CronJob,
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  LabelSelector,
  OwnerReference,
  PodSpec,
  PodTemplate,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from "../generated/types.ts";
import { parseGroupVersion } from "../kinds/kind.ts";
import { autoscalerTargets } from "./autoscaler-targets.ts";
import { formatLabelSelector } from "../selectors/label-selector.ts";
import { autoscalerToV2 } from "../objects/convert-autoscaler.ts";
import { formatAge, formatSpan, parseTime } from "../time/timestamp.ts";
import { type Cell, type Cells, cellsOf, countOf, pairs } from "./cell.ts";

interface Workload {
  readonly spec: { readonly selector?: LabelSelector; readonly template?: { readonly spec?: PodSpec } };
}

const containers = (spec: PodSpec | undefined): string =>
  (spec?.containers ?? []).map(({ name }) => name).join(",");
const images = (spec: PodSpec | undefined): string =>
  (spec?.containers ?? []).map(({ image }) => image ?? "").join(",");

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
  return (spec.parallelism ?? 0) > 1 ? `${done}/1 of ${spec.parallelism!}` : `${done}/1`;
}

function jobDuration({ status }: Job, now: number): string {
  const start = parseTime(status?.startTime ?? "");
  if (start === undefined) return "";
  const end = parseTime(status?.completionTime ?? "") ?? now;
  return formatSpan(Math.floor((end - start) / 1000));
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
      const owners = (revision["metadata"] as { ownerReferences?: OwnerReference[] }).ownerReferences;
      const owner = owners?.find(({ controller }) => controller);
      if (!owner) return "<none>";
      const group = parseGroupVersion(owner.apiVersion)?.group;
      return `${[owner.kind, group].filter(Boolean).join(".").toLowerCase()}/${owner.name}`;
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
    Suspend: ({ spec: { suspend } }) => (suspend === undefined ? "<unset>" : suspend ? "True" : "False"),
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
