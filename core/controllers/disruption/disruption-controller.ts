import { labelSelectorQuery, matchesLabels, type Pod, type PodDisruptionBudget } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { controllerUid } from "../shared/cluster-informers.ts";
import { sameStatus } from "../shared/conditions.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { budgetStatus } from "./budget-status.ts";

/** Says of each disruption budget how many pods may be evicted now; the eviction itself is held to that by the API. */
export class DisruptionController implements Controller {
  readonly label = "disruption controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key), { parallel: 4 });
    const { disruptionBudgets, pods, replicaSets, deployments } = parts.informers;
    onEveryChange(disruptionBudgets, (budget, change) => {
      if (change !== "deleted") this.#add(budget);
    });
    onEveryChange(pods, (pod, _, old) => {
      for (const budget of disruptionBudgets.list(pod.metadata.namespace))
        if (selects(budget, pod) || (old && selects(budget, old))) this.#add(budget);
    });
    // How many pods there should be is said there.
    for (const owners of [replicaSets, deployments])
      onEveryChange<{ metadata: { namespace?: string } }>(owners, ({ metadata }) =>
        this.#addAll(metadata.namespace),
      );
  }

  /** Pods may have been told of before their budgets. */
  start(): void {
    this.#addAll(undefined);
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  #addAll(namespace: string | undefined): void {
    for (const budget of this.#parts.informers.disruptionBudgets.list(namespace)) this.#add(budget);
  }

  #add({ metadata }: PodDisruptionBudget): void {
    this.#queue.add(`${metadata.namespace}/${metadata.name}`);
  }

  async #reconcile(key: string): Promise<void> {
    const { api, informers, clock } = this.#parts;
    const { namespace, name } = splitKey(key);
    const budget = informers.disruptionBudgets.get(name, namespace);
    if (!budget) return;
    const pods = informers.pods.list(namespace).filter((pod) => selects(budget, pod));
    const status = budgetStatus({ budget, pods, wanted: this.#wanted(pods), now: clock.now() });
    if (Object.keys(status.disruptedPods ?? {}).length > 0) this.#queue.addAfter(key, 10_000);
    if (sameStatus(budget.status, status)) return;
    // With its resourceVersion: an eviction that was booked meanwhile must not be forgotten.
    const client = clientOf(api, resources.disruptionBudgets);
    await unlessGone(client.update({ ...budget, status }, { namespace, subresource: "status" }));
  }

  /** Of all controllers that have one of these pods. */
  #wanted(pods: readonly Pod[]): number | string {
    const numbers = new Map<string, number>();
    for (const pod of pods) {
      const owner = this.#ownerOf(pod);
      if (!owner) return `pod ${pod.metadata.name} has no controller that says how many pods there should be`;
      numbers.set(owner.metadata.uid ?? "", owner.spec.replicas ?? 1);
    }
    return [...numbers.values()].reduce((sum, number) => sum + number, 0);
  }

  #ownerOf(pod: Pod) {
    const { replicaSets, deployments } = this.#parts.informers;
    const { namespace } = pod.metadata;
    const byUid = <T extends { metadata: { uid?: string } }>(
      all: readonly T[],
      uid: string | undefined,
    ): T | undefined => all.find(({ metadata }) => metadata.uid === uid);
    const set = byUid(replicaSets.list(namespace), controllerUid(pod)[0]);
    return (set && byUid(deployments.list(namespace), controllerUid(set)[0])) ?? set;
  }
}

/** An absent selector selects nothing, an empty one everything. */
function selects({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  return spec.selector !== undefined && matchesLabels(labelSelectorQuery(spec.selector), metadata.labels);
}
