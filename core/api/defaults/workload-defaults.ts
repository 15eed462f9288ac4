import type {
  CronJobSpec,
  DaemonSet,
  DaemonSetSpec,
  DeploymentSpec,
  HorizontalPodAutoscalerSpec,
  Job,
  ReplicationController,
  StatefulSetSpec,
} from "../generated/types.ts";
import { absent, defaulter, type Defaulters } from "./defaulter.ts";

const largestInt32 = 2 ** 31 - 1;

const deployment = defaulter<DeploymentSpec>((spec) => {
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  const strategy = (spec.strategy ??= {});
  strategy.type ??= "RollingUpdate";
  if (strategy.type !== "RollingUpdate") return;
  const rolling = (strategy.rollingUpdate ??= {});
  rolling.maxUnavailable ??= "25%";
  rolling.maxSurge ??= "25%";
});

const statefulSet = defaulter<StatefulSetSpec>((spec) => {
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.podManagementPolicy ??= "OrderedReady";
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ??= "RollingUpdate";
  if (strategy.type === "RollingUpdate") (strategy.rollingUpdate ??= {}).partition ??= 0;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= "v1";
    claim.kind ??= "PersistentVolumeClaim";
    claim.status = { phase: "Pending" };
  }
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  retention.whenDeleted ??= "Retain";
  retention.whenScaled ??= "Retain";
});

const daemonSet = defaulter<DaemonSetSpec>((spec) => {
  spec.revisionHistoryLimit ??= 10;
  const strategy = (spec.updateStrategy ??= {});
  strategy.type ??= "RollingUpdate";
  if (strategy.type !== "RollingUpdate") return;
  const rolling = (strategy.rollingUpdate ??= {});
  rolling.maxUnavailable ??= 1;
  rolling.maxSurge ??= 0;
});

/** Clients of the version before `apps/v1` read the template's generation where it stood then. */
export const templateGeneration = "deprecated.daemonset.template.generation";

const daemonSetItself = defaulter<DaemonSet>(({ metadata }) => {
  metadata.annotations = { [templateGeneration]: "1", ...metadata.annotations };
});

/** Of Jobs alone: the template in a CronJob stays as it was written. */
const job = defaulter<Job>(({ metadata, spec }) => {
  if (!spec) return;
  const labels = spec.template?.metadata?.labels;
  if (metadata && labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : largestInt32;
  spec.completionMode ??= "NonIndexed";
  spec.manualSelector ??= false;
  spec.suspend ??= false;
  for (const { onPodConditions = [] } of spec.podFailurePolicy?.rules ?? [])
    for (const condition of onPodConditions) condition.status ||= "True";
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
});

/** A replication controller selects what its template makes, unless it says otherwise. */
const replicationController = defaulter<ReplicationController>(({ metadata, spec }) => {
  const labels = spec?.template?.metadata?.labels;
  if (!labels) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (metadata && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
});

const autoscaler = defaulter<HorizontalPodAutoscalerSpec>((spec) => {
  spec.minReplicas ??= 1;
  if (!spec.metrics || spec.metrics.length === 0) {
    const target = { type: "Utilization", averageUtilization: 80 };
    spec.metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  if (!spec.behavior) return;
  const [everybody, few] = ["Percent", "Pods"].map((type) => ({ type, periodSeconds: 15 }));
  const [up, down] = [(spec.behavior.scaleUp ??= {}), (spec.behavior.scaleDown ??= {})];
  up.stabilizationWindowSeconds ??= 0;
  up.policies ??= [
    { ...few!, value: 4 },
    { ...everybody!, value: 100 },
  ];
  down.policies ??= [{ ...everybody!, value: 100 }];
  for (const rules of [up, down]) rules.selectPolicy ??= "Max";
});

export const workloadDefaults: Defaulters = {
  "apps.v1.DeploymentSpec": deployment,
  "apps.v1.StatefulSetSpec": statefulSet,
  "apps.v1.DaemonSet": daemonSetItself,
  "apps.v1.DaemonSetSpec": daemonSet,
  "apps.v1.ReplicaSetSpec": absent({ replicas: 1 }),
  "core.v1.ReplicationController": replicationController,
  "core.v1.ReplicationControllerSpec": absent({ replicas: 1 }),
  "batch.v1.Job": job,
  "batch.v1.CronJobSpec": absent<CronJobSpec>({
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  }),
  "autoscaling.v1.HorizontalPodAutoscalerSpec": absent({ minReplicas: 1 }),
  "autoscaling.v2.HorizontalPodAutoscalerSpec": autoscaler,
};
