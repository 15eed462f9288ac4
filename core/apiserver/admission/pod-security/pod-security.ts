import type { WatchCache } from "../../cache/watch-cache.ts";
import type { Draft } from "../../registry/object-meta.ts";
import { forbidden } from "../../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { baselineRules } from "./baseline.ts";
import type { SecuredPod } from "./pod-like.ts";
import { restrictedRules } from "./restricted.ts";

const labelPrefix = "pod-security.kubernetes.io/";

const levels = {
  privileged: [],
  baseline: baselineRules,
  restricted: [...baselineRules, ...restrictedRules],
} as const;

type Level = keyof typeof levels;

/** Every violation of a level; none for one that is not known, which the API's validation of labels leaves possible. */
export function violations(level: string, pod: SecuredPod): string[] {
  if (!Object.hasOwn(levels, level)) return [];
  return levels[level as Level].flatMap((rule) => rule(pod) ?? []);
}

/**
 * The Pod Security Standards as a namespace's labels ask for them: `enforce` refuses pods, `warn` tells whoever writes
 * a pod or something that makes pods. Versions other than the newest are read as the newest.
 */
export function podSecurity(cache: WatchCache): AdmissionPlugin {
  const namespaces = cache.kind("/core/namespaces/");
  return {
    name: "PodSecurity",
    validate(request) {
      if (!isRelevant(request)) return;
      const labels = namespaces.get(`/core/namespaces/${request.namespace}`)?.object<Draft>().metadata.labels;
      const [enforce, warn] = [labels?.[`${labelPrefix}enforce`], labels?.[`${labelPrefix}warn`]];
      if (enforce === undefined && warn === undefined) return;
      const { kind, object, name, warnings } = request;
      const isPod = kind.kind === "Pod";
      const pod = (isPod ? object?.spec : templateOf(object)) as SecuredPod | undefined;
      if (!pod) return;
      const wrong = isPod && enforce !== undefined ? violations(enforce, pod) : [];
      if (wrong.length > 0)
        throw forbidden(kind, name, `violates PodSecurity "${enforce}:latest": ${wrong.join(", ")}`);
      const doubtful = warn === undefined ? [] : violations(warn, pod);
      if (doubtful.length > 0)
        warnings.push(`would violate PodSecurity "${warn}:latest": ${doubtful.join(", ")}`);
    },
  };
}

const podMakers: ReadonlySet<string> = new Set([
  "/Pod",
  "/PodTemplate",
  "/ReplicationController",
  "apps/Deployment",
  "apps/ReplicaSet",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "batch/Job",
  "batch/CronJob",
]);

function isRelevant({ operation, kind, subresource, object, old }: AdmissionRequest): boolean {
  if (operation === "DELETE" || !podMakers.has(`${kind.group}/${kind.kind}`)) return false;
  if (subresource !== "" && subresource !== "ephemeralcontainers") return false;
  // What a node or a controller writes about a pod is not judged anew.
  return operation === "CREATE" || JSON.stringify(object?.spec) !== JSON.stringify(old?.spec);
}

function templateOf(object: Draft | undefined): unknown {
  const spec = object?.spec as
    | { template?: { spec?: object }; jobTemplate?: { spec?: { template?: { spec?: object } } } }
    | undefined;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec;
}
