import type {
  ConfigMap,
  CustomResourceDefinition,
  Job,
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  RoleRef,
  Secret,
  Service,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { checkDefinitionUpdate } from "../customresources/definition-rules.ts";
import { deepCopy, deepEqual, type JsonObject } from "../json/json-value.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { valueAt } from "../table/cell.ts";
import { checkImmutable } from "./checks.ts";
import { checkFrozenData, volumeSources } from "./core-rules.ts";
import { checkJobStatus } from "./job-status-rules.ts";
import { checkMirrorUpdate } from "./mirror-pod-rules.ts";
import { checkPodUpdate } from "./pod-update.ts";
import { checkPodStatus } from "./status-rules.ts";
import {
  daemonSetStatus,
  deploymentStatus,
  replicaSetStatus,
  statefulSetStatus,
} from "./replica-status-rules.ts";
import { checkCertificateUpdate } from "./certificate-update.ts";
import { checkBalancerStatus } from "./balancer-status-rules.ts";

/** What may not change in an object of a type; `subresource` is the one written through, or empty. */
export type UpdateRule = (
  object: JsonObject,
  old: JsonObject,
  errors: FieldErrors,
  subresource: string,
) => void;

function update<T>(check: (object: T, old: T, errors: FieldErrors, subresource: string) => void): UpdateRule {
  return check as unknown as UpdateRule;
}

/** Members at these paths stay as they were created. */
function frozen(...paths: string[]): UpdateRule {
  return (object, old, errors) => {
    for (const path of paths) {
      checkImmutable(valueAt(object, path), valueAt(old, path), FieldPath.of(...path.split(".")), errors);
    }
  };
}

/** As {@link frozen}, in the words of kinds that say so. */
function forbidden(sentence: (path: string) => string, ...paths: string[]): UpdateRule {
  return (object, old, errors) => {
    for (const path of paths) {
      if (!deepEqual(valueAt(object, path) ?? null, valueAt(old, path) ?? null))
        errors.forbidden(FieldPath.of(...path.split(".")), sentence(path));
    }
  };
}

/** One rule after the other. */
function all(...rules: UpdateRule[]): UpdateRule {
  return (object, old, errors, subresource) => {
    for (const one of rules) one(object, old, errors, subresource);
  };
}

type StatusRule = (object: JsonObject, old: JsonObject, errors: FieldErrors) => void;

/** With what a write of the status is asked besides. */
function telling(before: UpdateRule, check: StatusRule): UpdateRule {
  return (object, old, errors, subresource) => {
    before(object, old, errors, subresource);
    if (subresource === "status") check(object, old, errors);
  };
}

const updatesForbidden = (path: string): string => `updates to ${path} are forbidden.`;
const mayNotChange = (): string => "may not be changed in an update.";

const spec = FieldPath.of("spec");

const claim = update<PersistentVolumeClaim>((object, old, errors) => {
  const after = deepCopy(object.spec);
  const before = deepCopy(old.spec);
  const [asked, had] = [after, before].map(({ resources }) => resources?.requests?.["storage"]);
  if (object.status?.phase === "Bound") {
    for (const one of [after, before]) {
      delete one.resources?.requests?.["storage"];
      delete one.volumeAttributesClassName;
    }
  }
  if (before.volumeName === undefined) delete after.volumeName;
  if (before.storageClassName === undefined) delete after.storageClassName;
  if (!deepEqual(after, before)) {
    errors.forbidden(
      spec,
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    );
  }
  if (asked === undefined || had === undefined || compareQuantities(asked, had) >= 0) return;
  const reached = old.status?.capacity?.["storage"];
  if (reached === undefined || compareQuantities(asked, reached) <= 0) {
    errors.forbidden(
      spec.child("resources", "requests", "storage"),
      "field can not be less than status.capacity",
    );
  }
});

const volume = update<PersistentVolume>((object, old, errors) => {
  const source = (one: object): unknown =>
    volumeSources(one).map((name) => [name, (one as Record<string, unknown>)[name]]);
  if (!deepEqual(source(object.spec), source(old.spec))) {
    const at = spec.child("persistentvolumesource");
    errors.forbidden(at, "spec.persistentvolumesource is immutable after creation");
  }
  checkImmutable(object.spec.volumeMode, old.spec.volumeMode, FieldPath.of("volumeMode"), errors);
  if (old.spec.nodeAffinity)
    checkImmutable(object.spec.nodeAffinity, old.spec.nodeAffinity, spec.child("nodeAffinity"), errors);
});

const statefulSetMutable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

const statefulSet: UpdateRule = (object, old, errors) => {
  const rest = ({ spec: whole }: JsonObject): JsonObject => {
    const copy = { ...(whole as JsonObject) };
    for (const name of statefulSetMutable) delete copy[name];
    return copy;
  };
  if (deepEqual(rest(object), rest(old))) return;
  const names = statefulSetMutable.map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
  errors.forbidden(spec, `updates to statefulset spec for fields other than ${list} are forbidden`);
};

const roleRef: UpdateRule = (object, old, errors) => {
  if (deepEqual(object["roleRef"], old["roleRef"])) return;
  const { apiGroup, kind, name } = object["roleRef"] as RoleRef;
  const shown = { APIGroup: apiGroup, Kind: kind, Name: name };
  errors.invalid(FieldPath.of("roleRef"), shown, "cannot change roleRef");
};

const node: UpdateRule = (object, old, errors) => {
  for (const [path, what] of [
    ["spec.podCIDRs", "podCIDR"],
    ["spec.providerID", "providerID"],
  ] as const) {
    const before = valueAt(old, path);
    if (before !== undefined && !deepEqual(valueAt(object, path), before)) {
      const sentence = `node updates may not change ${what} except from "" to valid`;
      errors.forbidden(FieldPath.of(...path.split(".")), sentence);
    }
  }
};

function checkPhase({ metadata, status }: Namespace, _: Namespace, errors: FieldErrors): void {
  const [wanted, when] = metadata.deletionTimestamp ? ["Terminating", "not empty"] : ["Active", "empty"];
  if (status?.phase !== wanted)
    errors.invalid(
      FieldPath.of("status", "Phase"),
      status?.phase ?? "",
      `may only be '${wanted}' if \`deletionTimestamp\` is ${when}`,
    );
}

/** A suspended job that never ran may be placed anew; completions of an indexed job follow its parallelism. */
const job = update<Job>((object, old, errors) => {
  const after = deepCopy(object.spec);
  const { completions, parallelism, completionMode } = object.spec;
  if (completionMode !== "Indexed")
    checkImmutable(completions, old.spec.completions, spec.child("completions"), errors);
  else if (completions !== undefined && completions !== old.spec.completions && completions !== parallelism) {
    const why = "can only be modified in tandem with spec.parallelism";
    errors.invalid(spec.child("completions"), completions, why);
  }
  const { active = 0, conditions = [] } = old.status ?? {};
  const isSuspended = conditions.some(({ type, status }) => type === "Suspended" && status === "True");
  const asleep = old.spec.suspend === true && isSuspended && active === 0;
  if (asleep && after.template.spec && old.spec.template.spec) {
    after.template.metadata = old.spec.template.metadata ?? {};
    for (const member of ["nodeSelector", "affinity", "tolerations", "schedulingGates"] as const)
      restore(after.template.spec, old.spec.template.spec, member);
    for (const [index, container] of after.template.spec.containers.entries()) {
      const before = old.spec.template.spec.containers[index];
      if (before) restore(container, before, "resources");
    }
    if (!old.spec.template.metadata) delete after.template.metadata;
  }
  checkImmutable(after.template, old.spec.template, spec.child("template"), errors);
});

function restore<T>(target: T, source: T, member: keyof T): void {
  if (source[member] === undefined) delete target[member];
  else target[member] = source[member];
}

export const updateRules: Readonly<Record<string, UpdateRule>> = {
  "core.v1.Pod": update<Pod>((pod, old, errors, subresource) => {
    if (subresource !== "binding") checkMirrorUpdate(pod, old, errors);
    if (subresource === "status") checkPodStatus(pod, old, errors);
    else checkPodUpdate(pod, old, subresource, errors);
  }),
  "core.v1.Node": node,
  "core.v1.Namespace": update<Namespace>(checkPhase),
  "core.v1.ConfigMap": update<ConfigMap>(checkFrozenData),
  "core.v1.Secret": update<Secret>((object, old, errors) => {
    checkImmutable(object.type, old.type, FieldPath.of("type"), errors);
    checkFrozenData(object, old, errors);
  }),
  "core.v1.Service": update<Service>((service, _, errors, subresource) => {
    if (subresource === "status") checkBalancerStatus(service, errors);
  }),
  "core.v1.PersistentVolumeClaim": claim,
  "core.v1.PersistentVolume": volume,
  "apps.v1.Deployment": telling(frozen("spec.selector"), deploymentStatus),
  "apps.v1.ReplicaSet": telling(frozen("spec.selector"), replicaSetStatus),
  "apps.v1.DaemonSet": telling(frozen("spec.selector"), daemonSetStatus),
  "apps.v1.StatefulSet": telling(statefulSet, statefulSetStatus),
  "core.v1.ReplicationController": telling(() => {}, replicaSetStatus),
  "apps.v1.ControllerRevision": frozen("data"),
  "batch.v1.Job": all(
    update<Job>((object, old, errors, subresource) => {
      if (subresource === "status") checkJobStatus(object, old, errors);
    }),
    frozen(
      "spec.selector",
      "spec.completionMode",
      "spec.podFailurePolicy",
      "spec.backoffLimitPerIndex",
      "spec.managedBy",
      "spec.successPolicy",
    ),
    job,
  ),
  "core.v1.ResourceQuota": frozen("spec.scopes"),
  "storage.v1.StorageClass": frozen("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
  "storage.v1.VolumeAttributesClass": forbidden(updatesForbidden, "driverName", "parameters"),
  "networking.v1.IPAddress": frozen("spec.parentRef"),
  "resource.v1.ResourceClaim": frozen("spec"),
  "resource.v1.ResourceClaimTemplate": frozen("spec"),
  "resource.v1.ResourceSlice": frozen("spec.driver", "spec.pool.name", "spec.nodeName"),
  "storage.v1.VolumeAttachment": frozen("spec"),
  "storage.v1.CSIDriver": frozen("spec.attachRequired", "spec.volumeLifecycleModes"),
  "scheduling.v1.PriorityClass": all(forbidden(mayNotChange, "value"), frozen("preemptionPolicy")),
  "node.v1.RuntimeClass": frozen("handler"),
  "rbac.v1.RoleBinding": roleRef,
  "rbac.v1.ClusterRoleBinding": roleRef,
  "networking.v1.IngressClass": frozen("spec.controller"),
  "certificates.v1.CertificateSigningRequest": checkCertificateUpdate,
  "discovery.v1.EndpointSlice": frozen("addressType"),
  "apiextensions.v1.CustomResourceDefinition": update<CustomResourceDefinition>(checkDefinitionUpdate),
  "berth.v1alpha1.Plugin": frozen("spec.contract"),
  "berth.v1alpha1.PluginInstance": frozen("spec"),
};
