import type { Disposable } from "@berth/base";
import { labelSelectorQuery, matchesLabels } from "../../api/index.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { User } from "../request/request.ts";
import type { Attributes, Authorizer, Decision } from "./authorizer.ts";
import type { BindingObject, LabelSelector, PolicyRule, RoleObject } from "./rbac-types.ts";
import { describeSubject, ruleAllows, subjectMatches } from "./rule-matching.ts";

const group = "/rbac.authorization.k8s.io";

/** One binding with the rules it hands out, ready to be asked. */
interface Grant {
  readonly binding: BindingObject;
  /** "" for the whole cluster. */
  readonly namespace: string;
  /** None when there is no such role. */
  readonly rules: readonly PolicyRule[] | undefined;
  /** Why somebody may who is the subject at the same place of the binding. */
  readonly reasons: readonly string[];
}

/** Role-based access from the roles and bindings in the watch cache; worked out anew after a change of any of them. */
export class RbacAuthorizer implements Authorizer, Disposable {
  readonly name = "rbac";
  readonly label = "RBAC authorizer";
  readonly #roles: KindCache;
  readonly #clusterRoles: KindCache;
  readonly #bindings: KindCache;
  readonly #clusterBindings: KindCache;
  readonly #leave: (() => void)[];
  #grants: Map<string, Grant[]> | undefined;

  constructor(cache: WatchCache) {
    this.#roles = cache.kind(`${group}/roles/`);
    this.#clusterRoles = cache.kind(`${group}/clusterroles/`);
    this.#bindings = cache.kind(`${group}/rolebindings/`);
    this.#clusterBindings = cache.kind(`${group}/clusterrolebindings/`);
    const forget = (): void => {
      this.#grants = undefined;
    };
    this.#leave = [this.#roles, this.#clusterRoles, this.#bindings, this.#clusterBindings].map((kind) =>
      kind.join(forget),
    );
  }

  authorize(user: User, asked: Attributes): Decision | undefined {
    const missing: string[] = [];
    for (const grant of this.#grantsFor(asked.isResource ? asked.namespace : "")) {
      const at = (grant.binding.subjects ?? []).findIndex((one) =>
        subjectMatches(one, user, grant.namespace),
      );
      if (at < 0) continue;
      if (!grant.rules) missing.push(missingRole(grant.binding));
      else if (grant.rules.some((rule) => ruleAllows(rule, asked)))
        return { allowed: true, reason: grant.reasons[at]! };
    }
    if (missing.length === 0) return undefined;
    return {
      allowed: false,
      reason: `RBAC: ${missing.length > 1 ? `[${missing.join(", ")}]` : missing[0]!}`,
    };
  }

  /** Every rule that holds for a user in a namespace; "" is the cluster alone. */
  rulesFor(user: User, namespace: string): PolicyRule[] {
    return this.#grantsFor(namespace)
      .filter((grant) =>
        (grant.binding.subjects ?? []).some((one) => subjectMatches(one, user, grant.namespace)),
      )
      .flatMap((grant) => [...(grant.rules ?? [])]);
  }

  /** The rules of the role a binding names; undefined when there is no such role. */
  roleRules(kind: string, name: string, namespace: string): PolicyRule[] | undefined {
    const role =
      kind === "ClusterRole"
        ? this.#clusterRoles.get(`${group}/clusterroles/${name}`)
        : this.#roles.get(`${group}/roles/${namespace}/${name}`);
    if (!role) return undefined;
    const { rules, aggregationRule } = role.object<RoleObject>();
    const selectors = aggregationRule?.clusterRoleSelectors;
    // The rules written into it are a copy for people, made a moment later.
    return selectors ? this.#aggregated(selectors, new Set([name])) : (rules ?? []);
  }

  /** The rules of every cluster role with a matching label, of aggregated ones among them too. */
  #aggregated(selectors: readonly LabelSelector[], seen: Set<string>): PolicyRule[] {
    const queries = selectors.map((selector) => labelSelectorQuery(selector as never));
    const rules: PolicyRule[] = [];
    for (const cached of this.#clusterRoles.objects()) {
      const role = cached.object<RoleObject>();
      if (seen.has(cached.name) || !queries.some((query) => matchesLabels(query, role.metadata.labels)))
        continue;
      seen.add(cached.name);
      rules.push(...(role.rules ?? []));
      const further = role.aggregationRule?.clusterRoleSelectors;
      if (further) rules.push(...this.#aggregated(further, seen));
    }
    return rules;
  }

  #grantsFor(namespace: string): readonly Grant[] {
    this.#grants ??= this.#compile();
    const cluster = this.#grants.get("") ?? [];
    return namespace === "" ? cluster : [...cluster, ...(this.#grants.get(namespace) ?? [])];
  }

  #compile(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    for (const cached of [...this.#clusterBindings.objects(), ...this.#bindings.objects()]) {
      const binding = cached.object<BindingObject>();
      const { namespace } = cached;
      const rules = this.roleRules(binding.roleRef.kind, binding.roleRef.name, namespace);
      const kind = namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
      const where = namespace === "" ? "" : `/${namespace}`;
      const label = `${kind} "${cached.name}${where}" of ${binding.roleRef.kind} "${binding.roleRef.name}"`;
      const reasons = (binding.subjects ?? []).map(
        (subject) => `RBAC: allowed by ${label} to ${describeSubject(subject, namespace)}`,
      );
      const list = grants.get(namespace) ?? [];
      list.push({ binding, namespace, rules, reasons });
      grants.set(namespace, list);
    }
    return grants;
  }

  dispose(): void {
    for (const leave of this.#leave) leave();
  }
}

function missingRole({ roleRef: { kind, name } }: BindingObject): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`;
}
