import { kinds, type Kind } from "../../api/index.ts";
import type { Clock, Logger } from "@berth/base";
import type { PolicyRule, RoleObject } from "../authz/rbac-types.ts";
import { rulesCover } from "../authz/rule-matching.ts";
import { setDefaults } from "../registry/object-checks.ts";
import { beginLife, type Draft } from "../registry/object-meta.ts";
import type { ObjectStore } from "../registry/object-store.ts";
import {
  bootstrapBindings,
  bootstrapNamespaceRoles,
  bootstrapNamespaces,
  bootstrapPriorityClasses,
  bootstrapRoles,
} from "./bootstrap-policy.ts";

const group = "rbac.authorization.k8s.io";
const bootstrapLabel = { "kubernetes.io/bootstrapping": "rbac-defaults" };

function kindNamed(groupName: string, kind: string, version = "v1"): Kind {
  const found = kinds.byKind(groupName, version, kind);
  if (!found) throw new Error(`the kind table lacks ${kind}`);
  return found;
}

export interface BootstrapOptions {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes what every cluster has from the start and is missing; what a user changed stays changed. */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const namespace = kindNamed("", "Namespace");
  for (const name of bootstrapNamespaces) {
    await ensure(options, namespace, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  }
  for (const { name, value, description } of bootstrapPriorityClasses) {
    await ensure(options, kindNamed("scheduling.k8s.io", "PriorityClass"), {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name, generation: 1 },
      value,
      description,
      preemptionPolicy: "PreemptLowerPriority",
    });
  }
  await ensureRoles(options);
  await ensureNamespaceRoles(options);
  for (const { name, role, subjects } of bootstrapBindings) {
    await ensure(options, kindNamed(group, "ClusterRoleBinding"), {
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name, labels: bootstrapLabel },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
      subjects: subjects.map((subject) => ({ apiGroup: group, ...subject })),
    });
  }
}

async function ensureNamespaceRoles(options: BootstrapOptions): Promise<void> {
  for (const { namespace, name, rules, subjects } of bootstrapNamespaceRoles) {
    const metadata = { name, namespace, labels: bootstrapLabel };
    const apiVersion = `${group}/v1`;
    const role = { apiVersion, kind: "Role", metadata, rules: [...rules] };
    await ensure(options, kindNamed(group, "Role"), role);
    await ensure(options, kindNamed(group, "RoleBinding"), {
      apiVersion,
      kind: "RoleBinding",
      metadata: { ...metadata },
      roleRef: { apiGroup: group, kind: "Role", name },
      subjects: subjects.map((subject) => ({ apiGroup: group, ...subject })),
    });
  }
}

async function ensureRoles(options: BootstrapOptions): Promise<void> {
  const kind = kindNamed(group, "ClusterRole");
  for (const { name, rules = [], labels, aggregates } of bootstrapRoles) {
    const role: Draft = {
      apiVersion: `${group}/v1`,
      kind: "ClusterRole",
      metadata: { name, labels: { ...bootstrapLabel, ...labels } },
      rules: [...rules],
      ...(aggregates
        ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregates]: "true" } }] } }
        : {}),
    };
    const present = await ensure(options, kind, role);
    if (present && !aggregates) await giveBack(options, kind, name, rules);
  }
}

/** A newer version may need rules that the stored role does not have yet. */
async function giveBack(
  { objects, logger }: BootstrapOptions,
  kind: Kind,
  name: string,
  rules: readonly PolicyRule[],
): Promise<void> {
  const stored = objects.cached(kind, "", name);
  if (!stored) return;
  const held = stored.object<RoleObject>().rules ?? [];
  const missing = rules.filter((rule) => !rulesCover(held, rule));
  if (missing.length === 0) return;
  const role = stored.copy<Draft>();
  role["rules"] = [...held, ...missing];
  await objects.update(kind, role, stored);
  logger.info(`cluster role ${name} was given back ${missing.length} rules it lacked`);
}

/** Whether it was there before. */
export async function ensure(
  { objects, clock }: BootstrapOptions,
  kind: Kind,
  object: Draft,
): Promise<boolean> {
  const { namespace = "", name = "" } = object.metadata;
  if (objects.cached(kind, namespace, name)) return true;
  beginLife(object.metadata, clock.now());
  setDefaults(kind, object);
  await objects.create(kind, object);
  return false;
}
