import type { Exchange } from "../../exchange.ts";

export const group = "admissionregistration.k8s.io";
export const at = `/apis/${group}/v1`;
export const merge = "application/merge-patch+json";
export const rules = [
  { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] },
];
export const object = (kind: string, name: string, more: object = {}): object => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name },
  ...more,
});
export const constraints = { resourceRules: rules };

export const validating = (name: string, spec: object): Exchange => ({
  path: `${at}/validatingadmissionpolicies?dryRun=All`,
  body: object("ValidatingAdmissionPolicy", name, {
    spec: { matchConstraints: constraints, validations: [{ expression: "true" }], ...spec },
  }),
});
export const mutation = { patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } };
export const mutating = (name: string, spec: object): Exchange => ({
  path: `${at}/mutatingadmissionpolicies?dryRun=All`,
  body: object("MutatingAdmissionPolicy", name, {
    spec: { matchConstraints: constraints, reinvocationPolicy: "Never", mutations: [mutation], ...spec },
  }),
});
export const bound = (name: string, spec: object, kind = "ValidatingAdmissionPolicyBinding"): Exchange => ({
  path: `${at}/${kind.toLowerCase()}s?dryRun=All`,
  body: object(kind, name, {
    spec: { policyName: "p", ...(kind.startsWith("V") && { validationActions: ["Deny"] }), ...spec },
  }),
});
export const says = (expression: string, more: object = {}): object => ({
  validations: [{ expression, ...more }],
});
export const hook = (more: object = {}, called = "a.example.com"): object => ({
  name: called,
  clientConfig: { url: "https://example.com/x" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  rules,
  ...more,
});
export const hooks = (
  name: string,
  webhooks: unknown,
  kind = "ValidatingWebhookConfiguration",
): Exchange => ({
  path: `${at}/${kind.toLowerCase()}s?dryRun=All`,
  body: object(kind, name, { webhooks }),
});
export const rule = (more: object): object => ({
  matchConstraints: { resourceRules: [{ ...rules[0], ...more }] },
});
