import { errorMessage } from "@berth/base";
import {
  formatLabelSelector,
  labelSelectorQuery,
  matchesLabels,
  type Pod,
  type PodDisruptionBudget,
} from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { sameStatus } from "../shared/conditions.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { asksForWanted, budgetStatus } from "./budget-status.ts";
import { WantedPods } from "./wanted-pods.ts";

/** What a controller elsewhere wants is not watched; one that could not be asked may be there later. */
const askAgainMs = 30_000;

/** Says of each disruption budget how many pods may be evicted now; the eviction itself is held to that by the API. */
export class DisruptionController implements Controller {
  readonly label = "disruption controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;
  readonly #wantedPods: WantedPods;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#wantedPods = new WantedPods(parts);
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
    if (pods.length === 0) this.#event(budget, "Normal", "NoPods", "No matching pods found");
    const wanted = asksForWanted(budget) ? await this.#wanted(key, budget, pods) : pods.length;
    const status = budgetStatus({ budget, pods, wanted, now: clock.now() });
    if (Object.keys(status.disruptedPods ?? {}).length > 0) this.#queue.addAfter(key, 10_000);
    if (sameStatus(budget.status, status)) return;
    // With its resourceVersion: an eviction that was booked meanwhile must not be forgotten.
    const client = clientOf(api, resources.disruptionBudgets);
    await unlessGone(client.update({ ...budget, status }, { namespace, subresource: "status" }));
  }

  /** By all controllers of these pods; or why that is not known. */
  async #wanted(key: string, budget: PodDisruptionBudget, pods: readonly Pod[]): Promise<number | string> {
    try {
      const { wanted, unmanaged } = await this.#wantedPods.of(pods);
      if (unmanaged.length > 0) {
        const selector = formatLabelSelector(budget.spec.selector ?? {});
        const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
        this.#event(budget, "Warning", "UnmanagedPods", message);
      }
      return wanted;
    } catch (error) {
      const why = errorMessage(error);
      if (why.startsWith("found no controllers")) this.#event(budget, "Warning", "NoControllers", why);
      const message = `Failed to calculate the number of expected pods: ${why}`;
      this.#event(budget, "Warning", "CalculateExpectedPodCountFailed", message);
      this.#queue.addAfter(key, askAgainMs);
      return why;
    }
  }

  #event(budget: PodDisruptionBudget, type: "Normal" | "Warning", reason: string, message: string): void {
    const about = { ...budget, apiVersion: "policy/v1", kind: "PodDisruptionBudget" };
    this.#parts.events.event(about, type, reason, message);
  }
}

/** An absent selector selects nothing, an empty one everything. */
function selects({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  return spec.selector !== undefined && matchesLabels(labelSelectorQuery(spec.selector), metadata.labels);
}
