import { isDeepStrictEqual } from "node:util";
import { groupVersion, type Kind, kinds } from "../../api/index.ts";
import type { BindingObject, RoleObject } from "../authz/rbac-types.ts";
import { rulesCover } from "../authz/rule-matching.ts";
import type { Draft } from "../registry/object-meta.ts";
import {
  bootstrapBindings,
  bootstrapNamespaces,
  bootstrapPriorityClasses,
  bootstrapRoles,
} from "./bootstrap-policy.ts";
import { type BootstrapOptions, ensure } from "./ensure.ts";
import { bootstrapFlowControl } from "./flow-control.ts";

const group = "rbac.authorization.k8s.io";
const bootstrapLabel = { "kubernetes.io/bootstrapping": "rbac-defaults" };
/** Who writes `false` here keeps what he changed. */
const autoupdate = "rbac.authorization.kubernetes.io/autoupdate";

function kindNamed(groupName: string, kind: string, version = "v1"): Kind {
  const found = kinds.byKind(groupName, version, kind);
  if (!found) throw new Error(`the kind table lacks ${kind}`);
  return found;
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
  await ensureBindings(options);
  await bootstrapFlowControl(options);
}

async function ensureRoles(options: BootstrapOptions): Promise<void> {
  for (const { name, namespace, rules, labels, aggregates } of bootstrapRoles) {
    const kind = kindNamed(group, namespace === undefined ? "ClusterRole" : "Role");
    const role = draft(kind, name, namespace, labels);
    role["rules"] = rules ? [...rules] : null;
    if (aggregates !== undefined)
      role["aggregationRule"] = { clusterRoleSelectors: [{ matchLabels: { [aggregates]: "true" } }] };
    await ensureUpdated(options, kind, role, (stored) => {
      const held = (stored as unknown as RoleObject).rules ?? [];
      const missing = rules?.filter((rule) => !rulesCover(held, rule)) ?? [];
      if (missing.length > 0) stored["rules"] = [...held, ...missing];
    });
  }
}

async function ensureBindings(options: BootstrapOptions): Promise<void> {
  for (const { name, namespace, role, subjects } of bootstrapBindings) {
    const kind = kindNamed(group, namespace === undefined ? "ClusterRoleBinding" : "RoleBinding");
    const binding = draft(kind, name, namespace);
    const ofKind = namespace === undefined ? "ClusterRole" : "Role";
    binding["roleRef"] = { apiGroup: group, kind: ofKind, name: role };
    if (subjects.length > 0) binding["subjects"] = [...subjects];
    await ensureUpdated(options, kind, binding, (stored) => {
      const held = (stored as unknown as BindingObject).subjects ?? [];
      const missing = subjects.filter((one) => !held.some((other) => isDeepStrictEqual(one, other)));
      if (missing.length > 0) stored["subjects"] = [...held, ...missing];
    });
  }
}

function draft(
  kind: Kind,
  name: string,
  namespace?: string,
  labels?: Readonly<Record<string, string>>,
): Draft {
  return {
    apiVersion: groupVersion(kind),
    kind: kind.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { ...bootstrapLabel, ...labels },
      annotations: { [autoupdate]: "true" },
    },
  };
}

/** Of an object that is there, what a newer version needs and it does not have yet is added. */
async function ensureUpdated(
  options: BootstrapOptions,
  kind: Kind,
  object: Draft,
  complete: (stored: Draft) => void,
): Promise<void> {
  if (!(await ensure(options, kind, object))) return;
  const { objects, logger } = options;
  const { namespace = "", name = "", labels, annotations } = object.metadata;
  const stored = objects.cached(kind, namespace, name);
  if (!stored) return;
  const completed = stored.copy<Draft>();
  const { metadata } = completed;
  if (metadata.annotations?.[autoupdate] === "false") return;
  metadata.labels = { ...labels, ...metadata.labels };
  metadata.annotations = { ...annotations, ...metadata.annotations };
  complete(completed);
  if (isDeepStrictEqual(completed, stored.copy<Draft>())) return;
  await objects.update(kind, completed, stored);
  logger.info(`${kind.kind} ${name} was given back what it lacked`);
}
