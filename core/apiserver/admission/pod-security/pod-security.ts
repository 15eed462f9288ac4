import type { WatchCache } from "../../cache/watch-cache.ts";
import type { Draft } from "../../registry/object-meta.ts";
import { forbidden, invalid } from "../../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { baselineRules, refinedRules } from "./baseline.ts";
import type { SecuredPod } from "./pod-like.ts";
import { restrictedRules } from "./restricted.ts";
import { policyOf, policyText, type SecurityPolicy, wrongLabels } from "./security-labels.ts";

const annotationPrefix = "pod-security.kubernetes.io/";
/** So many pods are looked at when a namespace becomes stricter. */
const mostPods = 3000;

const levels = {
  privileged: [],
  baseline: baselineRules,
  restricted: [...baselineRules.filter((rule) => !refinedRules.has(rule)), ...restrictedRules],
} as const;

type Level = keyof typeof levels;

/** Every violation of a level; none for one that is not known, which the API's validation of labels leaves possible. */
export function violations(level: string, pod: SecuredPod): string[] {
  if (!Object.hasOwn(levels, level)) return [];
  return levels[level as Level].flatMap((rule) => rule(pod) ?? []);
}

/**
 * The Pod Security Standards as a namespace's labels ask for them: `enforce` refuses pods, `warn` tells whoever writes a pod or
 * something that makes pods, `audit` tells the audit log. Versions other than the newest are read as the newest.
 */
export function podSecurity(cache: WatchCache): AdmissionPlugin {
  const namespaces = cache.kind("/core/namespaces/");
  return {
    name: "PodSecurity",
    validate(request) {
      if (request.kind.group === "" && request.kind.kind === "Namespace") checkNamespace(cache, request);
      if (!isRelevant(request)) return;
      const labels = namespaces.get(`/core/namespaces/${request.namespace}`)?.object<Draft>().metadata.labels;
      if (labels) judge(request, labels);
    },
  };
}

function judge(request: AdmissionRequest, labels: Readonly<Record<string, string>>): void {
  const [enforce, audit, warn] = [
    policyOf(labels, "enforce"),
    policyOf(labels, "audit"),
    policyOf(labels, "warn"),
  ];
  if (!enforce && !audit && !warn) return;
  const { kind, object, name, warnings } = request;
  const isPod = kind.kind === "Pod";
  const pod = (isPod ? object?.spec : templateOf(object)) as SecuredPod | undefined;
  if (!pod) return;
  const sentence = (policy: SecurityPolicy | undefined): string | undefined => {
    const wrong = policy ? violations(policy.level, pod) : [];
    return policy && wrong.length > 0
      ? `violate PodSecurity "${policyText(policy)}": ${wrong.join(", ")}`
      : undefined;
  };
  const audited = sentence(audit);
  if (audited) request.audit?.annotate(`${annotationPrefix}audit-violations`, `would ${audited}`);
  const refused = isPod ? sentence(enforce) : undefined;
  if (isPod && enforce) request.audit?.annotate(`${annotationPrefix}enforce-policy`, policyText(enforce));
  if (refused) throw forbidden(kind, name, refused.replace("violate", "violates"));
  const doubtful = sentence(warn);
  if (doubtful) warnings.push(`would ${doubtful}`);
}

/** Labels must mean something; pods that the new ones would refuse are told of, by what is wrong with them. */
function checkNamespace(
  cache: WatchCache,
  { operation, kind, name, object, old, warnings }: AdmissionRequest,
): void {
  if (operation === "DELETE" || !object) return;
  const wrong = wrongLabels(object.metadata.labels);
  const before = new Set(wrongLabels(old?.metadata.labels).map(({ label, value }) => `${label}=${value}`));
  const causes = wrong
    .filter(({ label, value }) => !before.has(`${label}=${value}`))
    .map(({ label, value, why }) => ({
      reason: "FieldValueInvalid",
      field: `metadata.labels[${label}]`,
      message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    }));
  if (causes.length > 0) throw invalid(kind, name || (object.metadata.name ?? ""), causes);
  const [now, then] = [
    policyOf(object.metadata.labels, "enforce"),
    policyOf(old?.metadata.labels, "enforce"),
  ];
  if (operation === "UPDATE" && now && now.level !== then?.level)
    warnings.push(...existingViolations(cache, name, now));
}

function existingViolations(cache: WatchCache, namespace: string, policy: SecurityPolicy): string[] {
  const byWrong = new Map<string, string[]>();
  let looked = 0;
  for (const cached of cache.kind("/core/pods/").objects(namespace)) {
    if (++looked > mostPods) break;
    // By what is wrong, and not in which container: pods of many names have it in common.
    const wrong = violations(policy.level, cached.object<Draft>().spec ?? {})
      .map((sentence) => sentence.replace(/ \(.*$/s, ""))
      .join(", ");
    if (wrong !== "") byWrong.set(wrong, [...(byWrong.get(wrong) ?? []), cached.name]);
  }
  if (byWrong.size === 0) return [];
  const head = `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level "${policyText(policy)}"`;
  const lines = [...byWrong].map(([wrong, [first, ...more]]) => {
    const others = more.length === 0 ? "" : ` (and ${more.length} other pod${more.length === 1 ? "" : "s"})`;
    return `${first}${others}: ${wrong}`;
  });
  return [head, ...lines];
}

/** Types of pods and of what makes them. */
const podMakers: ReadonlySet<string> = new Set([
  "core.v1.Pod",
  "core.v1.PodTemplate",
  "core.v1.ReplicationController",
  "apps.v1.Deployment",
  "apps.v1.ReplicaSet",
  "apps.v1.StatefulSet",
  "apps.v1.DaemonSet",
  "batch.v1.Job",
  "batch.v1.CronJob",
]);

function isRelevant({ operation, kind, subresource, object, old }: AdmissionRequest): boolean {
  if (operation === "DELETE" || !podMakers.has(kind.type)) return false;
  if (subresource !== "" && subresource !== "ephemeralcontainers") return false;
  // What a node or a controller writes about a pod is not judged anew.
  const judged = (draft: Draft | undefined): unknown => draft?.spec ?? draft?.["template"];
  return operation === "CREATE" || JSON.stringify(judged(object)) !== JSON.stringify(judged(old));
}

/** A PodTemplate is one; all others have it in their spec. */
function templateOf(object: Draft | undefined): unknown {
  type Templated = {
    template?: { spec?: object };
    jobTemplate?: { spec?: { template?: { spec?: object } } };
  };
  const { template, jobTemplate } = (object?.spec ?? object ?? {}) as Templated;
  return template?.spec ?? jobTemplate?.spec?.template?.spec;
}
