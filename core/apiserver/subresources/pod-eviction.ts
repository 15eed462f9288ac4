import { deleteObject, type DeleteRequest } from "../registry/delete-object.ts";
import type { Draft } from "../registry/object-meta.ts";
import { readNamed } from "../registry/request-object.ts";
import { admitObject } from "./admit-object.ts";
import { labelSelectorQuery, kinds, matchesLabels, namedType } from "../../api/index.ts";
import type { LabelSelector } from "../authz/rbac-types.ts";
import { notFound, StatusError } from "../request/status-error.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

interface Budget {
  metadata: { name: string };
  spec?: { selector?: LabelSelector };
  status?: {
    disruptionsAllowed?: number;
    observedGeneration?: number;
    currentHealthy?: number;
    desiredHealthy?: number;
  };
}

/** POST pods/NAME/eviction: deletes a pod unless a disruption budget forbids it. */
export const evictPod: SubresourceHandler = async (call: SubresourceCall) => {
  const { registry, kind, request, info } = call;
  const type = namedType("policy/v1", "Eviction")!;
  const eviction = await readNamed<Draft & { deleteOptions?: DeleteRequest }>(request, type);
  const pod = registry.objects.cached(kind, info.namespace, info.name);
  if (!pod) throw notFound(kind, info.name);
  const draft = pod.object<Draft>();
  const context = await admitObject(call, type, eviction);
  if (needsBudget(draft)) checkBudgets(call, draft);
  await deleteObject(registry, kind, info.namespace, info.name, eviction.deleteOptions ?? {}, {
    ...context,
    subresource: "",
    // What was asked for is the eviction.
    show: () => "nothing",
  });
  return {
    kind: "object",
    status: 201,
    value: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
  };
};

function needsBudget(pod: Draft): boolean {
  const phase = pod.status?.["phase"];
  return (
    !pod.metadata.deletionTimestamp && phase !== "Pending" && phase !== "Succeeded" && phase !== "Failed"
  );
}

function checkBudgets({ registry, info }: SubresourceCall, pod: Draft): void {
  const budgets = kinds.byKind("policy", "v1", "PodDisruptionBudget")!;
  for (const cached of registry.objects.kindCache(budgets).objects(info.namespace)) {
    const budget = cached.object<Budget>();
    if (!matchesLabels(labelSelectorQuery(budget.spec?.selector), pod.metadata.labels)) continue;
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    if (disruptionsAllowed > 0) continue;
    const message = `The disruption budget ${cached.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    throw new StatusError(
      429,
      "TooManyRequests",
      "Cannot evict pod as it would violate the pod's disruption budget.",
      { causes: [{ reason: "DisruptionBudget", message }], retryAfterSeconds: 10 },
    );
  }
}
