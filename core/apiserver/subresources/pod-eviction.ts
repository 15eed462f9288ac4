import { deleteObject, type DeleteRequest } from "../registry/delete-object.ts";
import type { Draft } from "../registry/object-meta.ts";
import { ownersAfter, setOwners } from "../registry/managed-fields.ts";
import { readNamed } from "../registry/request-object.ts";
import { checkDeleteOptions } from "../registry/write-options.ts";
import { writeContext } from "../registry/resource-handler.ts";
import { admitObject } from "./admit-object.ts";
import {
  formatTime,
  kinds,
  labelSelectorQuery,
  matchesLabels,
  namedType,
  type PodDisruptionBudget,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { badRequest, notFound, StatusError } from "../request/status-error.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

/** Of one booking against others of the same budget. */
const attempts = 20;

/** POST pods/NAME/eviction: deletes a pod unless a disruption budget forbids it. */
export const evictPod: SubresourceHandler = async (call: SubresourceCall) => {
  const { registry, kind, request, info } = call;
  const type = namedType("policy/v1", "Eviction")!;
  const eviction = await readNamed<Draft & { deleteOptions?: DeleteRequest }>(request, type);
  const { name } = eviction.metadata ?? {};
  if (name && name !== info.name) throw badRequest("name in URL does not match name in Eviction object");
  const pod = registry.objects.cached(kind, info.namespace, info.name);
  if (!pod) throw notFound(kind, info.name);
  const draft = pod.object<Draft>();
  const { deleteOptions = {} } = eviction;
  checkDeleteOptions(deleteOptions);
  // kubectl drain rehearses by what the eviction says, not by the query.
  const context = await admitObject(call, type, eviction, deleteOptions.dryRun);
  if (needsBudget(draft)) await bookDisruption(call, draft, context.dryRun);
  await deleteObject(registry, kind, info.namespace, info.name, deleteOptions, {
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

/** Takes one disruption of what the pod's budget allows, so that of two evictions at once only one has the last. */
async function bookDisruption(call: SubresourceCall, pod: Draft, dryRun: boolean): Promise<void> {
  const { registry, info, now } = call;
  const kind = kinds.byKind("policy", "v1", "PodDisruptionBudget")!;
  const all = [...registry.objects.kindCache(kind).objects(info.namespace)];
  const own = all.filter((cached) => selects(cached.object<PodDisruptionBudget>(), pod));
  if (own.length > 1) {
    const message =
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new StatusError(500, "InternalError", message);
  }
  let current: CachedObject | undefined = own[0];
  for (let attempt = 1; current; attempt++) {
    const budget: PodDisruptionBudget = current.copy<PodDisruptionBudget>();
    if (isUnguarded(budget, pod)) return;
    if (attempt > attempts) throw refusal(`${budget.metadata.name} is in demand`, 10);
    checkAllows(budget);
    if (dryRun) return;
    const { disruptionsAllowed = 0, disruptedPods } = budget.status ?? {};
    const left = disruptionsAllowed - 1;
    budget.status = {
      ...budget.status,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [pod.metadata.name ?? ""]: formatTime(now) },
      ...(left === 0 && { conditions: exhausted(budget, now) }),
    };
    const draft = budget as unknown as Draft;
    const context = {
      ...writeContext(call.request, info, now),
      subresource: "status",
      fieldManager: ourselves,
    };
    setOwners(draft, ownersAfter(kind, draft, current.object<Draft>(), context));
    const outcome = await registry.objects.update(kind, budget as unknown as Draft, current);
    if (outcome.written) return;
    current = outcome.object;
  }
}

/** As whom the server writes what it books. */
const ourselves = "kube-apiserver";

type Conditions = NonNullable<NonNullable<PodDisruptionBudget["status"]>["conditions"]>;

/** The conditions of a budget that allows no more disruptions. */
function exhausted({ status }: PodDisruptionBudget, now: number): Conditions {
  const type = "DisruptionAllowed";
  const known = status?.conditions ?? [];
  const before = known.find((one) => one.type === type);
  const condition: Conditions[number] = {
    type,
    status: "False",
    observedGeneration: status?.observedGeneration ?? 0,
    lastTransitionTime: before?.status === "False" ? before.lastTransitionTime : formatTime(now),
    reason: "InsufficientPods",
    message: "",
  };
  return before ? known.map((one) => (one === before ? condition : one)) : [...known, condition];
}

function selects({ spec }: PodDisruptionBudget, { metadata }: Draft): boolean {
  return spec.selector !== undefined && matchesLabels(labelSelectorQuery(spec.selector), metadata.labels);
}

/** A pod that does not serve may go where its budget says so, or where the others are enough without it. */
function isUnguarded({ spec, status }: PodDisruptionBudget, pod: Draft): boolean {
  const conditions = (pod.status?.["conditions"] ?? []) as { type: string; status: string }[];
  if (conditions.some(({ type, status: value }) => type === "Ready" && value === "True")) return false;
  if (spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** @throws StatusError 429 when the budget allows no disruption now */
function checkAllows({ metadata, status }: PodDisruptionBudget): void {
  const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0, conditions } = status ?? {};
  const budget = `The disruption budget ${metadata.name}`;
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw refusal(`${budget} is still being processed by the server.`, 10);
  if (disruptionsAllowed > 0) return;
  const not = `${budget} does not allow evicting pods currently`;
  const why = conditions?.find((one) => one.type === "DisruptionAllowed" && one.status === "False");
  // The counts of a budget that could not be looked at say nothing.
  if (why?.message && why.reason === "SyncFailed")
    throw refusal(`${not} because it failed sync: ${why.message}`);
  if (currentHealthy <= desiredHealthy)
    throw refusal(`${budget} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`);
  throw refusal(why?.message ? `${not} (${why.reason}): ${why.message}` : not);
}

function refusal(message: string, retryAfterSeconds?: number): StatusError {
  const sentence = "Cannot evict pod as it would violate the pod's disruption budget.";
  const causes = [{ reason: "DisruptionBudget", message }];
  const more = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return new StatusError(429, "TooManyRequests", sentence, { causes, ...more });
}
