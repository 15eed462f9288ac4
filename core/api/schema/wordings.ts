/** What is told of a field in other words, or in another order, than of the rest: users know these sentences. */
export interface Wording {
  /** After `Required value`. */
  readonly required?: string;
  /** Its values in an order of their own; sorted by default. */
  readonly values?: readonly string[];
  /** `Invalid value` with this sentence instead of `Unsupported value` with the values. */
  readonly invalid?: string;
  /** An item's mistake is told of the whole list. */
  readonly ofList?: true;
}

export const wordings: Readonly<Record<string, Wording>> = {
  "core.v1.PodSpec.restartPolicy": { values: ["Always", "OnFailure", "Never"] },
  "networking.v1.NetworkPolicyPort.protocol": { values: ["TCP", "UDP", "SCTP"] },
  "networking.v1.HTTPIngressPath.pathType": { required: "pathType must be specified" },
  "rbac.v1.PolicyRule.verbs": { required: "verbs must contain at least one value" },
  "core.v1.PersistentVolumeClaimSpec.accessModes": { ofList: true },
  "core.v1.PersistentVolumeSpec.accessModes": { ofList: true },
  "apps.v1.StatefulSetSpec.podManagementPolicy": { invalid: "must be 'OrderedReady' or 'Parallel'" },
};
