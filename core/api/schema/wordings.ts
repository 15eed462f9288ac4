/** What is told of a field in other words, or in another order, than of the rest: users know these sentences. */
export interface Wording {
  /** After `Required value`. */
  readonly required?: string;
  /** Its values in an order of their own; sorted by default. */
  readonly values?: readonly string[];
  /** `Invalid value` with this sentence instead of `Unsupported value` with the values. */
  readonly invalid?: string;
  /** Its values are checked by the rules of a type around it. */
  readonly own?: true;
  /** What upstream calls it in paths. */
  readonly path?: string;
  /** An item's mistake is told of the whole list. */
  readonly ofList?: true;
}

export const wordings: Readonly<Record<string, Wording>> = {
  "core.v1.PodSpec.restartPolicy": { values: ["Always", "OnFailure", "Never"] },
  "core.v1.PodSpec.dnsPolicy": { values: ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"] },
  "core.v1.PodSpec.preemptionPolicy": { values: ["PreemptLowerPriority", "Never"] },
  "core.v1.Container.terminationMessagePolicy": { values: ["File", "FallbackToLogsOnError"] },
  "core.v1.EphemeralContainer.terminationMessagePolicy": { values: ["File", "FallbackToLogsOnError"] },
  "core.v1.Volume.gcePersistentDisk": { path: "persistentDisk" },
  "core.v1.PersistentVolumeSpec.gcePersistentDisk": { path: "persistentDisk" },
  "core.v1.Toleration.operator": { own: true },
  "core.v1.QuobyteVolumeSource.registry": {
    required: "must be a host:port pair or multiple pairs separated by commas",
  },
  "batch.v1.JobSpec.completionMode": { values: ["NonIndexed", "Indexed"] },
  "core.v1.NodeSelector.nodeSelectorTerms": { required: "must have at least one node selector term" },
  "certificates.v1.CertificateSigningRequestSpec.usages": { own: true },
  "admissionregistration.v1.RuleWithOperations.operations": { own: true },
  "admissionregistration.v1.RuleWithOperations.scope": { own: true },
  "admissionregistration.v1.NamedRuleWithOperations.operations": { own: true },
  "admissionregistration.v1.NamedRuleWithOperations.scope": { own: true },
  "admissionregistration.v1.Mutation.patchType": { own: true },
  "admissionregistration.v1.MatchResources.matchPolicy": { own: true },
  "admissionregistration.v1.MutatingAdmissionPolicySpec.reinvocationPolicy": { own: true },
  "admissionregistration.v1.ParamRef.parameterNotFoundAction": { own: true },
  "admissionregistration.v1.Validation.reason": { own: true },
  "admissionregistration.v1.ValidatingWebhook.sideEffects": {
    required: "must specify one of None, NoneOnDryRun",
  },
  "admissionregistration.v1.MutatingWebhook.sideEffects": {
    required: "must specify one of None, NoneOnDryRun",
  },
  "admissionregistration.v1.ValidatingWebhook.admissionReviewVersions": {
    required: "must specify one of v1, v1beta1",
  },
  "admissionregistration.v1.MutatingWebhook.admissionReviewVersions": {
    required: "must specify one of v1, v1beta1",
  },
  "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec.validationActions": {
    required: "at least one validation action is required",
  },
  "admissionregistration.v1.AuditAnnotation.valueExpression": {
    required: "valueExpression is not specified",
  },
  "core.v1.ServiceSpec.ipFamilies": { own: true },
  "core.v1.ServiceSpec.ipFamilyPolicy": { own: true },
  "discovery.v1.EndpointPort.protocol": { own: true },
  "core.v1.EndpointPort.protocol": { own: true },
  "autoscaling.v2.MetricSpec.type": { required: "must specify a metric source type" },
  "autoscaling.v2.ResourceMetricSource.name": { required: "must specify a resource name" },
  "storage.v1.StorageClass.reclaimPolicy": { own: true },
  "storage.v1.StorageClass.volumeBindingMode": { own: true },
  "scheduling.v1.PriorityClass.preemptionPolicy": { values: ["PreemptLowerPriority", "Never"] },
  "discovery.v1.Endpoint.addresses": { required: "must contain at least 1 address" },
  "core.v1.VolumeMount.mountPropagation": { own: true },
  "batch.v1.SuccessPolicy.rules": {
    required: "at least one rules must be specified when the successPolicy is specified",
  },
  "batch.v1.PodFailurePolicyRule.action": {
    required: 'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
  },
  "core.v1.Taint.effect": { own: true },
  "core.v1.ResourceQuotaSpec.scopes": { own: true },
  "core.v1.ScopedResourceSelectorRequirement.scopeName": { own: true },
  "core.v1.ScopedResourceSelectorRequirement.operator": { own: true },
  "core.v1.Toleration.effect": { own: true },
  "core.v1.ContainerPort.protocol": { own: true },
  "core.v1.PodSecurityContext.fsGroupChangePolicy": { own: true },
  "core.v1.NodeSelectorRequirement.operator": { invalid: "not a valid selector operator" },
  "core.v1.SeccompProfile.type": { required: "type is required when seccompProfile is set" },
  "core.v1.AppArmorProfile.type": { required: "type is required when appArmorProfile is set" },
  "networking.v1.NetworkPolicyPort.protocol": { values: ["TCP", "UDP", "SCTP"] },
  "networking.v1.HTTPIngressPath.pathType": { required: "pathType must be specified" },
  "rbac.v1.PolicyRule.verbs": { required: "verbs must contain at least one value" },
  "core.v1.PersistentVolumeClaimSpec.accessModes": { ofList: true },
  "core.v1.PersistentVolumeSpec.accessModes": { ofList: true },
  "networking.v1.NetworkPolicySpec.policyTypes": { own: true },
  "flowcontrol.v1.PriorityLevelConfigurationReference.name": { required: "must reference a priority level" },
  "apiextensions.v1.ValidationRule.reason": { own: true },
  "apps.v1.DeploymentStrategy.type": { own: true },
  "apps.v1.DaemonSetUpdateStrategy.type": { own: true },
  "apps.v1.StatefulSetUpdateStrategy.type": { own: true },
  "apps.v1.StatefulSetSpec.podManagementPolicy": { invalid: "must be 'OrderedReady' or 'Parallel'" },
};
