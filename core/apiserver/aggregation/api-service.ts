import type { APIService } from "../../api/index.ts";
import { groupVersion, type Kind, kinds } from "../../api/index.ts";

export type { APIService };

export const apiServiceKind: Kind = kinds.byResource("apiregistration.k8s.io", "v1", "apiservices")!;

/** On services that the server keeps itself. */
export const automanagedLabel = "kube-aggregator.kubernetes.io/automanaged";

type Condition = NonNullable<NonNullable<APIService["status"]>["conditions"]>[number];
export type Availability = Pick<Condition, "status" | "reason" | "message">;

export const localAvailability: Availability = {
  status: "True",
  reason: "Local",
  message: "Local APIServices are always available",
};

export function availabilityOf({ status }: APIService): Availability | undefined {
  return status?.conditions?.find(({ type }) => type === "Available");
}

/** Of the platform's groups, the higher the sooner clients turn to them. */
const groupPriorities: Readonly<Record<string, number>> = {
  "": 18_000,
  apps: 17_800,
  "events.k8s.io": 17_750,
  "authentication.k8s.io": 17_700,
  "authorization.k8s.io": 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  "certificates.k8s.io": 17_300,
  "networking.k8s.io": 17_200,
  policy: 17_100,
  "rbac.authorization.k8s.io": 17_000,
  "storage.k8s.io": 16_800,
  "apiextensions.k8s.io": 16_700,
  "admissionregistration.k8s.io": 16_700,
  "scheduling.k8s.io": 16_600,
  "coordination.k8s.io": 16_500,
  "node.k8s.io": 16_300,
  "discovery.k8s.io": 16_200,
  "resource.k8s.io": 16_200,
  "flowcontrol.apiserver.k8s.io": 16_100,
};

/** Custom groups come last. */
export function groupPriority(group: string): number {
  return groupPriorities[group] ?? 1000;
}

const versionPriorities: Readonly<Record<string, number>> = {
  v1: 1,
  "autoscaling/v2": 30,
  "flowcontrol.apiserver.k8s.io/v1": 21,
  "resource.k8s.io/v1": 21,
};

/** Of a version in its group. */
export function versionPriority({ custom, ...kind }: Kind): number {
  return custom ? 100 : (versionPriorities[groupVersion(kind)] ?? 15);
}
