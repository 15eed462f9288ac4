import type { ObjectMeta, Pod } from "../generated/types.ts";
import { type FieldError, FieldErrors } from "../errors/field-error.ts";
import { FieldPath, rootPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { canonicalIpRule } from "../names/ip-rules.ts";
import { dnsLabelRule, dnsSubdomainRule, type NameRule, pathSegmentRule } from "../names/name-rules.ts";
import { compileChecks, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { definitionRules } from "../customresources/definition-rules.ts";
import { apiServiceRules } from "./api-service-rules.ts";
import { autoscalingRules } from "./autoscaling-rules.ts";
import { berthRules } from "./berth-rules.ts";
import { clusterRules } from "./cluster-rules.ts";
import { containerExtraRules } from "./container-extra-rules.ts";
import { certificateRules } from "./certificate-rules.ts";
import { containerRules } from "./container-rules.ts";
import { coreRules } from "./core-rules.ts";
import { policyRules } from "./policy-rules.ts";
import { webhookRules } from "./webhook-rules.ts";
import { flowRules } from "./flow-rules.ts";
import { downwardRules } from "./downward-rules.ts";
import { jobRules } from "./job-rules.ts";
import { checkMetadata, checkMetadataUpdate, checkStandardFinalizers } from "./metadata-rules.ts";
import { mountRules } from "./mount-rules.ts";
import { networkingRules } from "./networking-rules.ts";
import { otherRules } from "./other-rules.ts";
import { podAnnotationRules } from "./pod-annotation-rules.ts";
import { podExtraRules } from "./pod-extra-rules.ts";
import { podOsRules } from "./pod-os-rules.ts";
import { podRules } from "./pod-rules.ts";
import { podSecurityRules } from "./pod-security-rules.ts";
import { quotaRules } from "./quota-rules.ts";
import { resourceRules } from "./resource-rules.ts";
import { serviceExtraRules } from "./service-extra-rules.ts";
import { serviceRules } from "./service-rules.ts";
import { storageRules } from "./storage-rules.ts";
import { updateRules } from "./update-rules.ts";
import { volumePluginRules } from "./volume-plugin-rules.ts";
import { volumeRules } from "./volume-rules.ts";
import { windowsRules } from "./windows-rules.ts";
import { workloadExtraRules } from "./workload-extra-rules.ts";
import { jobSelector, workloadRules } from "./workload-rules.ts";

const check = compileChecks(
  together([
    podAnnotationRules,
    podRules,
    podExtraRules,
    podOsRules,
    podSecurityRules,
    windowsRules,
    containerRules,
    containerExtraRules,
    mountRules,
    downwardRules,
    volumeRules,
    volumePluginRules,
    resourceRules,
    coreRules,
    webhookRules,
    policyRules,
    quotaRules,
    serviceRules,
    serviceExtraRules,
    workloadRules,
    workloadExtraRules,
    jobRules,
    apiServiceRules,
    autoscalingRules,
    networkingRules,
    storageRules,
    clusterRules,
    flowRules,
    otherRules,
    certificateRules,
    berthRules,
    definitionRules,
  ]),
);

/** Rules of one type from several tables apply one after the other. */
function together(tables: readonly TypeRules[]): TypeRules {
  const byType = new Map<string, TypeRule>();
  for (const [type, next] of tables.flatMap((table) => Object.entries(table))) {
    const before = byType.get(type);
    byType.set(
      type,
      before
        ? (value, at, errors) => {
            before(value, at, errors);
            next(value, at, errors);
          }
        : next,
    );
  }
  return Object.fromEntries(byType);
}

/** Everything wrong with a new object, defaulted and named, in the wording of kubectl. */
export function validateCreate(kind: Kind, object: object): FieldError[] {
  const errors = new FieldErrors();
  checkWhole(kind, object as JsonObject, errors);
  if (kind.type === "core.v1.Pod") checkNewPod(object as Pod, errors);
  return errors.list;
}

function checkNewPod({ spec }: Pod, errors: FieldErrors): void {
  if (spec?.ephemeralContainers?.length)
    errors.forbidden(FieldPath.of("spec", "ephemeralContainers"), "cannot be set on create");
  if (spec?.nodeName && spec.schedulingGates?.length)
    errors.forbidden(
      FieldPath.of("spec", "nodeName"),
      "cannot be set until all schedulingGates have been cleared",
    );
}

/**
 * Everything wrong with an object that takes the place of `old`.
 * @param subresource through which it is written: `status`, `binding`, `resize`, `ephemeralcontainers`; empty for the object.
 * @param warnings of what is wrong, and may stay so
 */
export function validateUpdate(
  kind: Kind,
  object: object,
  old: object,
  subresource = "",
  warnings: string[] = [],
): FieldError[] {
  const errors = new FieldErrors();
  checkMetadataUpdate(metadataOf(object), metadataOf(old), errors);
  // What must stay is looked at for every object, and by the rules of its kind again: clients are told of both.
  for (const error of [...errors.list]) errors.list.push(error);
  const checkChange = (): void =>
    updateRules[kind.type]?.(object as JsonObject, old as JsonObject, errors, subresource);
  if (kind.type === "apps.v1.DaemonSet") checkChange();
  checkWhole(kind, changeable(kind, object as JsonObject), errors, old as JsonObject, warnings);
  if (subresource === "") checkAgain(kind, object as JsonObject, errors);
  if (kind.type !== "apps.v1.DaemonSet") checkChange();
  return errors.list;
}

/** Without what nobody may change: whatever is wrong with it stays. */
function changeable({ type }: Kind, object: JsonObject): JsonObject {
  if (type !== "apps.v1.StatefulSet") return object;
  const { volumeClaimTemplates: _, serviceName: _name, ...spec } = object["spec"] as JsonObject;
  return { ...object, spec };
}

/** Pods and jobs are looked at as new ones, and by the rules of their changes again: clients are told of both. */
function checkAgain({ type }: Kind, object: JsonObject, errors: FieldErrors): void {
  if (type === "core.v1.Pod" || type === "batch.v1.Job")
    checkStandardFinalizers(metadataOf(object).finalizers ?? [], errors);
  if (type !== "batch.v1.Job") return;
  check("batch.v1.JobSpec", object["spec"] as JsonObject, FieldPath.of("spec"), errors);
  jobSelector(object, rootPath, errors);
}

function checkWhole(
  kind: Kind,
  object: JsonObject,
  errors: FieldErrors,
  old?: JsonObject,
  warnings?: string[],
): void {
  checkMetadata(kind, metadataOf(object), nameRules[kind.type] ?? dnsSubdomainRule, errors);
  if (kind.custom) kind.custom.check(object, old, errors, warnings);
  else check(kind.type, object, rootPath, errors);
}

const metadataOf = (object: object): ObjectMeta => (object as { metadata?: ObjectMeta }).metadata ?? {};

/** Rules of names that are not RFC 1123 subdomains. */
const nameRules: Readonly<Record<string, NameRule>> = {
  "core.v1.Namespace": dnsLabelRule,
  "core.v1.Service": dnsLabelRule,
  "apiregistration.v1.APIService": pathSegmentRule,
  "certificates.v1.CertificateSigningRequest": pathSegmentRule,
  "rbac.v1.Role": pathSegmentRule,
  "rbac.v1.RoleBinding": pathSegmentRule,
  "rbac.v1.ClusterRole": pathSegmentRule,
  "rbac.v1.ClusterRoleBinding": pathSegmentRule,
  "apps.v1.StatefulSet": dnsLabelRule,
  "networking.v1.IPAddress": canonicalIpRule,
};
