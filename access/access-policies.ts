import type { Exchange, Scenario } from "../exchange.ts";

const group = "admissionregistration.k8s.io";
const at = `/apis/${group}/v1`;
const merge = "application/merge-patch+json";
const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
const object = (kind: string, name: string, more: object = {}): object => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name },
  ...more,
});
const constraints = { resourceRules: rules };

const validating = (name: string, spec: object): Exchange => ({
  path: `${at}/validatingadmissionpolicies?dryRun=All`,
  body: object("ValidatingAdmissionPolicy", name, {
    spec: { matchConstraints: constraints, validations: [{ expression: "true" }], ...spec },
  }),
});
const mutation = { patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } };
const mutating = (name: string, spec: object): Exchange => ({
  path: `${at}/mutatingadmissionpolicies?dryRun=All`,
  body: object("MutatingAdmissionPolicy", name, {
    spec: { matchConstraints: constraints, reinvocationPolicy: "Never", mutations: [mutation], ...spec },
  }),
});
const bound = (name: string, spec: object, kind = "ValidatingAdmissionPolicyBinding"): Exchange => ({
  path: `${at}/${kind.toLowerCase()}s?dryRun=All`,
  body: object(kind, name, {
    spec: { policyName: "p", ...(kind.startsWith("V") && { validationActions: ["Deny"] }), ...spec },
  }),
});
const says = (expression: string, more: object = {}): object => ({ validations: [{ expression, ...more }] });
const hook = (more: object = {}, called = "a.example.com"): object => ({
  name: called,
  clientConfig: { url: "https://example.com/x" },
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  rules,
  ...more,
});
const hooks = (name: string, webhooks: unknown, kind = "ValidatingWebhookConfiguration"): Exchange => ({
  path: `${at}/${kind.toLowerCase()}s?dryRun=All`,
  body: object(kind, name, { webhooks }),
});
const rule = (more: object): object => ({ matchConstraints: { resourceRules: [{ ...rules[0], ...more }] } });

export const scenarios: readonly Scenario[] = [
  {
    name: "validating policies",
    exchanges: [
      {},
      { paramKind: { apiVersion: "v1", kind: "ConfigMap" }, failurePolicy: "Ignore" },
      { paramKind: {} },
      { paramKind: { apiVersion: "a/b/c", kind: "Con fig" } },
      { failurePolicy: "Maybe" },
      { matchConstraints: undefined },
      { matchConstraints: {} },
      { matchConstraints: { resourceRules: [{}] } },
      {
        matchConstraints: {
          resourceRules: rules,
          matchPolicy: "Near",
          namespaceSelector: { matchLabels: { "a b": "c" } },
        },
      },
      {
        matchConstraints: {
          resourceRules: rules,
          matchPolicy: "Exact",
          excludeResourceRules: [{ ...rules[0], resourceNames: ["a", "a", "B b"] }],
        },
      },
      rule({ operations: [] }),
      rule({ operations: ["*", "CREATE"] }),
      rule({ operations: ["EAT"] }),
      rule({ apiGroups: ["*", "a"] }),
      rule({ apiVersions: [] }),
      rule({ apiVersions: [""] }),
      rule({ resources: ["*", "pods"] }),
      rule({ resources: ["*/*", "pods/log"] }),
      rule({ resources: ["pods/*", "pods/log", ""] }),
      rule({ scope: "Everywhere" }),
      { validations: [], auditAnnotations: [] },
      { validations: [{}] },
      { validations: [{ expression: " " }] },
      says("object."),
      says("objects.metadata.name == 'a'"),
      says("object.metadata.name"),
      says("1"),
      says("true", { message: "a\nb" }),
      says("true", { message: " " }),
      says("true", { message: "m", reason: "Odd" }),
      says("true", { reason: "Forbidden" }),
      says("true", { messageExpression: "1" }),
      says("true", { messageExpression: "'a' + object.x" }),
      says("true", { messageExpression: " " }),
      says("params.x == 1"),
      says("variables.x == 1"),
      says("oldObject == null || request.userInfo.username == 'a'"),
      says("authorizer.group('').resource('pods').check('get').allowed()"),
      says("namespaceObject.metadata.name == 'a' && 'a'.matches('[')"),
      says("object.metadata.name.startsWith(1)"),
      says(
        "quantity('1').isLessThan(quantity('2')) && url('https://a').getHost() == 'a' && ip('1.2.3.4').family() == 4",
      ),
      { variables: [{ name: "x", expression: "1" }], ...says("variables.x == 1") },
      { variables: [{ name: "x", expression: "1" }], ...says("variables.x == 'a'") },
      {
        variables: [
          { name: "x", expression: "variables.y" },
          { name: "y", expression: "1" },
        ],
      },
      {
        variables: [
          { name: "a-b", expression: "1" },
          { name: "", expression: "" },
          { name: "z", expression: "(" },
        ],
      },
      {
        variables: [
          { name: "x", expression: "1" },
          { name: "x", expression: "2" },
        ],
      },
      {
        matchConditions: [
          { name: "a", expression: "1" },
          { name: "a", expression: "true" },
          { name: "", expression: "true" },
          { name: "a b", expression: "(" },
        ],
      },
      {
        auditAnnotations: [
          { key: "a", valueExpression: "'x'" },
          { key: "a", valueExpression: "1" },
          { key: "", valueExpression: "" },
          { key: "a b", valueExpression: "'x'" },
        ],
      },
    ].map((spec, index) => validating(`access-v-${index}`, spec)),
  },
  {
    name: "validating policy bindings",
    exchanges: [
      {},
      { policyName: "" },
      { policyName: "A B" },
      { validationActions: [] },
      { validationActions: ["Deny", "Warn"] },
      { validationActions: ["Deny", "Deny"] },
      { validationActions: ["Odd"] },
      { paramRef: { name: "a" } },
      { paramRef: {} },
      { paramRef: { name: "a", selector: {}, parameterNotFoundAction: "Deny" } },
      { paramRef: { name: "a", parameterNotFoundAction: "Odd" } },
      { paramRef: { selector: { matchLabels: { "a b": "" } }, parameterNotFoundAction: "Allow" } },
      {
        matchResources: {
          resourceRules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }],
        },
      },
      {
        matchResources: {
          matchPolicy: "x",
          objectSelector: { matchExpressions: [{ key: "a", operator: "In" }] },
        },
      },
    ].map((spec, index) => bound(`access-vb-${index}`, spec)),
  },
  {
    name: "mutating policies",
    exchanges: [
      {},
      { reinvocationPolicy: "IfNeeded", failurePolicy: "Fail" },
      { reinvocationPolicy: undefined },
      { reinvocationPolicy: "Odd" },
      { mutations: [] },
      { mutations: [{}] },
      { mutations: [{ patchType: "Odd" }] },
      { mutations: [{ patchType: "JSONPatch" }] },
      { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", jsonPatch: { expression: "[]" } }] },
      { mutations: [{ ...mutation, jsonPatch: { expression: "[]" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Objekt{}" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "1" } }] },
      {
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}" },
          },
        ],
      },
      {
        mutations: [
          {
            patchType: "JSONPatch",
            jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/a', value: 'b'}]" },
          },
        ],
      },
      { mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[JSONPatch{up: 'add'}]" } }] },
      { mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "JSONPatch{}" } }] },
      { matchConstraints: undefined },
      { matchConditions: [{ name: "x", expression: "object" }] },
      { variables: [{ name: "x", expression: "y" }] },
    ].map((spec, index) => mutating(`access-m-${index}`, spec)),
  },
  {
    name: "mutating policy bindings",
    exchanges: [
      {},
      { policyName: "" },
      { paramRef: {} },
      { paramRef: { name: "a" } },
      { matchResources: { matchPolicy: "x" } },
    ].map((spec, index) => bound(`access-mb-${index}`, spec, "MutatingAdmissionPolicyBinding")),
  },
  {
    name: "stored policies",
    exchanges: [
      {
        path: `${at}/validatingadmissionpolicies`,
        body: object("ValidatingAdmissionPolicy", "access-v", {
          spec: { matchConstraints: constraints, validations: [{ expression: "true" }] },
        }),
      },
      {
        path: `${at}/validatingadmissionpolicybindings`,
        body: object("ValidatingAdmissionPolicyBinding", "access-vb", {
          spec: { policyName: "access-v", validationActions: ["Audit"] },
        }),
      },
      {
        path: `${at}/mutatingadmissionpolicies`,
        body: object("MutatingAdmissionPolicy", "access-m", {
          spec: { matchConstraints: constraints, reinvocationPolicy: "Never", mutations: [mutation] },
        }),
      },
      {
        path: `${at}/mutatingadmissionpolicybindings`,
        body: object("MutatingAdmissionPolicyBinding", "access-mb", { spec: { policyName: "access-m" } }),
      },
      {
        method: "PATCH",
        path: `${at}/validatingadmissionpolicies/access-v`,
        type: merge,
        body: { spec: { validations: [{ expression: "(" }] } },
      },
      {
        method: "PATCH",
        path: `${at}/validatingadmissionpolicies/access-v`,
        type: merge,
        body: { spec: { failurePolicy: "Ignore" } },
      },
      {
        method: "PATCH",
        path: `${at}/validatingadmissionpolicies/access-v/status`,
        type: merge,
        body: {
          status: {
            observedGeneration: 2,
            typeChecking: { expressionWarnings: [{ fieldRef: "a", warning: "b" }] },
          },
        },
      },
      ...[
        "validatingadmissionpolicies/access-v",
        "validatingadmissionpolicybindings/access-vb",
        "mutatingadmissionpolicies/access-m",
        "mutatingadmissionpolicybindings/access-mb",
      ].map((one) => ({ method: "DELETE", path: `${at}/${one}` })),
    ],
  },
  ...["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].map((kind) => ({
    name: `${kind} checks`,
    exchanges: [
      [hook()],
      [],
      undefined,
      [hook(), hook()],
      [hook({}, "")],
      [hook({}, "short")],
      [hook({}, "A.example.com")],
      [hook({ sideEffects: undefined })],
      [hook({ sideEffects: "Some" })],
      [hook({ sideEffects: "Unknown" })],
      [hook({ admissionReviewVersions: [] })],
      [hook({ admissionReviewVersions: ["v2"] })],
      [hook({ admissionReviewVersions: ["v2", "v1beta1"] })],
      [hook({ admissionReviewVersions: ["", "v1", "v1"] })],
      [hook({ timeoutSeconds: 0 })],
      [hook({ timeoutSeconds: 31 })],
      [hook({ failurePolicy: "x", matchPolicy: "y", reinvocationPolicy: "z" })],
      [hook({ clientConfig: {} })],
      [hook({ clientConfig: { url: "http://example.com" } })],
      [hook({ clientConfig: { url: "https://u:p@example.com/x?y#z" } })],
      [hook({ clientConfig: { url: "https://" } })],
      [hook({ clientConfig: { url: ":" } })],
      [hook({ clientConfig: { url: "https://a", service: { name: "a", namespace: "b" } } })],
      [hook({ clientConfig: { service: { name: "a", namespace: "b" } } })],
      [hook({ clientConfig: { service: { name: "", namespace: "", path: "x", port: 0 } } })],
      [hook({ clientConfig: { service: { name: "a", namespace: "b", path: "/x//y/", port: 70_000 } } })],
      [hook({ clientConfig: { service: { name: "a", namespace: "b", path: "/x y/A?" } } })],
      [hook({ clientConfig: { url: "https://example.com", caBundle: "bm90aGluZw==" } })],
      [
        hook({
          namespaceSelector: { matchLabels: { "a b": "c" } },
          objectSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] },
        }),
      ],
      [
        hook({
          matchConditions: [
            { name: "a", expression: "1" },
            { name: "a", expression: "objekt" },
          ],
        }),
      ],
      [
        hook({
          matchConditions: [{ name: "a", expression: "authorizer.path('/x').check('get').allowed()" }],
        }),
      ],
      [hook({ rules: [{}] })],
      [
        hook({
          rules: [{ ...rules[0], operations: ["*", "CREATE"], scope: "x", resources: ["*", "a/b/c"] }],
        }),
      ],
      [
        hook({
          rules: [
            { ...rules[0], resources: ["*/*", "pods"] },
            { ...rules[0], resources: ["pods/*", "pods/log"] },
          ],
        }),
      ],
    ].map((webhooks, index) => hooks(`access-h-${index}`, webhooks, kind)),
  })),
];
