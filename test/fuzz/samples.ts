/**
 * Objects that random ones would hardly ever become: a custom resource of two versions with rules, and policies and webhooks
 * that are asked. The server under test has them; requests carry mutations of them.
 */
const group = "fuzz.example.com";

const schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 0, maximum: 100, default: 3 },
        color: { type: "string", enum: ["red", "blue"], default: "red" },
        pattern: { type: "string", pattern: "^(a+)+$", maxLength: 100 },
        when: { type: "string", format: "date-time" },
        amount: { "x-kubernetes-int-or-string": true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        ratio: { type: "number", multipleOf: 0.5 },
        labels: { type: "object", additionalProperties: { type: "string" } },
        parts: {
          type: "array",
          maxItems: 10,
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, of: { type: "integer" } },
          },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
        },
        set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
      },
      "x-kubernetes-validations": [
        { rule: "self.size < 50 || self.color == 'red'", message: "only red ones are large" },
        {
          rule: "!has(self.parts) || self.parts.all(p, p.name != 'ghost')",
          messageExpression: "'no ' + self.color",
        },
        { rule: "self.size >= oldSelf.size - 10", reason: "FieldValueForbidden", fieldPath: ".size" },
      ],
    },
    status: { type: "object", properties: { replicas: { type: "integer" }, selector: { type: "string" } } },
  },
};

const version = {
  served: true,
  schema: { openAPIV3Schema: schema },
  subresources: {
    status: {},
    scale: {
      specReplicasPath: ".spec.size",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.selector",
    },
  },
  selectableFields: [{ jsonPath: ".spec.color" }],
  additionalPrinterColumns: [
    { name: "Size", type: "integer", jsonPath: ".spec.size" },
    { name: "Part", type: "string", jsonPath: ".spec.parts[0].name" },
    { name: "When", type: "date", jsonPath: ".spec.when" },
  ],
};

const about = (resources: readonly string[]): object => ({
  apiGroups: ["*"],
  apiVersions: ["*"],
  operations: ["CREATE", "UPDATE", "DELETE"],
  resources,
});

const registration = "admissionregistration.k8s.io/v1";

/** By kind. */
export const samples: Readonly<Record<string, Record<string, unknown>>> = {
  CustomResourceDefinition: {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        plural: "widgets",
        singular: "widget",
        kind: "Widget",
        shortNames: ["wd"],
        categories: ["all"],
      },
      versions: [
        { ...version, name: "v1", storage: true },
        { ...version, name: "v1beta1", storage: false, deprecated: true },
      ],
    },
  },
  Widget: {
    apiVersion: `${group}/v1`,
    kind: "Widget",
    metadata: { name: "a" },
    spec: {
      ...{ size: 4, color: "blue", pattern: "aaa", when: "2026-01-02T03:04:05Z", amount: "50%", ratio: 1.5 },
      ...{ free: { any: [1, { thing: null }] }, labels: { a: "b" }, set: ["a", "b"] },
      parts: [{ name: "a", of: 1 }, { name: "b" }],
    },
    status: { replicas: 1, selector: "a=b" },
  },
  ValidatingAdmissionPolicy: {
    apiVersion: registration,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "a" },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: { resourceRules: [about(["configmaps", "widgets", "secrets"])] },
      matchConditions: [{ name: "who", expression: "request.userInfo.username != 'nobody'" }],
      variables: [{ name: "labels", expression: "object.metadata.?labels.orValue({})" }],
      validations: [
        {
          expression: "variables.labels.all(k, k != 'ghost')",
          messageExpression: "'of ' + object.metadata.name",
        },
        { expression: "!has(object.data) || object.data.all(k, object.data[k].matches('^[^!]*$'))" },
        { expression: "oldObject == null || oldObject.kind == object.kind", reason: "Forbidden" },
        { expression: "authorizer.group('').resource('pods').check('get').allowed()" },
        {
          expression:
            "object.spec.size + object.spec.parts[7].of < 9 || quantity('1Gi').isGreaterThan(quantity('1'))",
        },
      ],
      auditAnnotations: [{ key: "size", valueExpression: "string(size(object.metadata.name))" }],
    },
  },
  ValidatingAdmissionPolicyBinding: {
    apiVersion: registration,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "a" },
    spec: { policyName: "a", validationActions: ["Warn", "Audit"] },
  },
  MutatingAdmissionPolicy: {
    apiVersion: registration,
    kind: "MutatingAdmissionPolicy",
    metadata: { name: "a" },
    spec: {
      failurePolicy: "Ignore",
      reinvocationPolicy: "IfNeeded",
      matchConstraints: { resourceRules: [about(["configmaps", "widgets"])] },
      mutations: [
        {
          patchType: "ApplyConfiguration",
          applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}" },
        },
        {
          patchType: "JSONPatch",
          jsonPatch: {
            expression: "[JSONPatch{op: 'add', path: '/metadata/annotations', value: {'a': 'b'}}]",
          },
        },
      ],
    },
  },
  MutatingAdmissionPolicyBinding: {
    apiVersion: registration,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name: "a" },
    spec: { policyName: "a" },
  },
  ValidatingWebhookConfiguration: webhooks("ValidatingWebhookConfiguration"),
  MutatingWebhookConfiguration: webhooks("MutatingWebhookConfiguration"),
};

/** Nobody listens there: whoever is asked about a Lease is not missed. */
function webhooks(kind: string): Record<string, unknown> {
  const hook = {
    name: "hook.fuzz.example.com",
    clientConfig: { url: "https://127.0.0.1:1/hook" },
    rules: [about(["leases"])],
    failurePolicy: "Ignore",
    matchConditions: [{ name: "small", expression: "object.metadata.name.size() < 20" }],
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    timeoutSeconds: 1,
  };
  return { apiVersion: registration, kind, metadata: { name: "a" }, webhooks: [hook] };
}
