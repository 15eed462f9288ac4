import { type ClusterRole, deepEqual, labelSelectorQuery, matchesLabels } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue, unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";

/** Writes into each aggregated cluster role the rules of those it selects, so that who looks at it sees what it gives. */
export class ClusterRoleController implements Controller {
  readonly label = "cluster role aggregation";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (name) => this.#reconcile(name));
    const { clusterRoles } = parts.informers;
    onEveryChange(clusterRoles, () => {
      for (const { metadata, aggregationRule } of clusterRoles.list())
        if (aggregationRule) this.#queue.add(metadata.name);
    });
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(name: string): Promise<void> {
    const { api, informers } = this.#parts;
    const role = informers.clusterRoles.get(name);
    const selectors = role?.aggregationRule?.clusterRoleSelectors;
    if (!role || !selectors) return;
    const rules = rulesOfSelected(role, informers.clusterRoles.list());
    if (deepEqual(rules, role.rules ?? [])) return;
    await unlessGone(clientOf(api, resources.clusterRoles).update({ ...role, rules }));
  }
}

/** In the order of names, each rule once. */
function rulesOfSelected(
  { metadata, aggregationRule }: ClusterRole,
  roles: readonly ClusterRole[],
): NonNullable<ClusterRole["rules"]> {
  const queries = (aggregationRule?.clusterRoleSelectors ?? []).map((one) => labelSelectorQuery(one));
  const selected = roles
    .filter((one) => one.metadata.name !== metadata.name)
    .filter((one) => queries.some((query) => matchesLabels(query, one.metadata.labels)))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const seen = new Set<string>();
  return selected
    .flatMap(({ rules }) => rules ?? [])
    .filter((rule) => {
      const text = JSON.stringify(rule);
      return !seen.has(text) && seen.add(text);
    });
}
