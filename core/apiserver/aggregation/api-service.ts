import type { APIService } from "../../api/index.ts";
import { type Kind, kinds } from "../../api/index.ts";

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

/** Groups of the platform in the order in which clients prefer them; custom ones come last. */
const groupOrder = [
  "",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "resource.k8s.io",
];

export function groupPriority(group: string): number {
  const at = groupOrder.indexOf(group);
  return at < 0 ? 1000 : 18_000 - at * 100;
}
