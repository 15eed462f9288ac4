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
