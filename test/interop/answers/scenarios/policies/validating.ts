import type { Scenario } from "../../exchange.ts";
import { bound, rule, rules, says, validating } from "./requests.ts";

export const validatingScenarios: readonly Scenario[] = [
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
];
