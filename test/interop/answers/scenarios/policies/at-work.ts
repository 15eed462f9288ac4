import { allowEverywhere, as, rule } from "../../as-user.ts";
import type { Exchange, Scenario } from "../../exchange.ts";
import { at, object } from "./requests.ts";

const core = "/api/v1/namespaces/{ns}";
const here = { matchLabels: { "kubernetes.io/metadata.name": "{ns}" } };
const maps = { apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };
const writes = [{ ...maps, operations: ["CREATE", "UPDATE"] }];
const post = (kind: string, plural: string, name: string, spec: object): Exchange => ({
  path: `${at}/${plural}`,
  body: object(kind, name, { spec }),
});

/** A policy for the scenario's namespace, and its binding of the same name. */
export function judge(name: string, spec: object, binding: object = {}, match: object = {}): Exchange[] {
  return [
    post("ValidatingAdmissionPolicy", "validatingadmissionpolicies", name, {
      matchConstraints: { resourceRules: writes, namespaceSelector: here, ...match },
      ...spec,
    }),
    post("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", name, {
      policyName: name,
      validationActions: ["Deny"],
      ...binding,
    }),
  ];
}
export const gone = (...names: string[]): Exchange[] =>
  names.flatMap((name) =>
    ["validatingadmissionpolicybindings", "validatingadmissionpolicies"].map((plural) => ({
      method: "DELETE",
      path: `${at}/${plural}/${name}`,
    })),
  );
export const map = (name: string, data: object = {}, labels: object = {}): Exchange => ({
  path: `${core}/configmaps?dryRun=All`,
  body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data },
});
export const kept = (name: string, data: object = {}, labels: object = {}): Exchange => ({
  ...map(name, data, labels),
  path: `${core}/configmaps`,
});
const without = (key: string): string => `!has(object.data) || !('${key}' in object.data)`;
const awaited = (name: string, status = 422): Exchange => ({ ...map(name, { marker: "x" }), until: status });
const marked = { expression: without("marker"), message: "marked" };

export const atWorkScenarios: readonly Scenario[] = [
  {
    name: "policies that deny",
    exchanges: [
      ...judge("works-deny", {
        matchConditions: [{ name: "not-skipped", expression: "object.metadata.name != 'skipped'" }],
        variables: [
          { name: "keys", expression: "has(object.data) ? object.data.size() : 0" },
          { name: "many", expression: "variables.keys > 2" },
        ],
        validations: [
          marked,
          { expression: without("plain") },
          { expression: without("m"), message: " no m \t" },
          {
            expression: without("e"),
            messageExpression: "'no e in ' + object.metadata.name",
            message: "no e",
          },
          { expression: without("broken"), messageExpression: "string(object.absent)", message: "fallback" },
          { expression: without("bare"), messageExpression: "string(object.absent)" },
          { expression: without("lines"), messageExpression: "'a\\nb'", message: "fallback" },
          { expression: without("empty"), messageExpression: "'  '", message: "fallback" },
          { expression: without("f"), reason: "Forbidden", message: "f" },
          { expression: without("r"), reason: "RequestEntityTooLarge", message: "r" },
          { expression: `${without("missing")} || object.data.absent == 'x'` },
          { expression: `${without("number")} || int(object.data.number) > 3` },
          { expression: "!variables.many", messageExpression: "'has ' + string(variables.keys)" },
          { expression: `${without("ns")} || namespaceObject.metadata.name == object.data.ns` },
          { expression: `${without("user")} || request.userInfo.username == object.data.user` },
          {
            expression: `${without("op")} || request.operation == object.data.op`,
            messageExpression: "request.operation",
          },
          { expression: `${without("dry")} || !request.dryRun`, message: "dry" },
          {
            expression: "oldObject == null || !has(oldObject.data) || oldObject.data == object.data",
            message: "changed",
          },
          {
            expression: `${without("auth")} || authorizer.group('').resource('secrets').namespace('{ns}').check(object.data.auth).allowed()`,
            message: "not allowed",
          },
        ],
      }),
      awaited("a"),
      map("fine", { other: "x" }),
      ...[
        "plain",
        "m",
        "e",
        "broken",
        "bare",
        "lines",
        "empty",
        "f",
        "r",
        "missing",
        "number",
        "ns",
        "user",
        "op",
      ].map((key) => map("a", { [key]: "x" })),
      map("a", { number: "5", ns: "{ns}" }),
      map("a", { dry: "x" }),
      map("a", { x: "1", y: "2", z: "3" }),
      map("a", { plain: "x", m: "y" }),
      map("a", { f: "x", m: "y" }),
      map("skipped", { plain: "x" }),
      kept("held", { k: "v" }),
      {
        method: "PATCH",
        path: `${core}/configmaps/held`,
        type: "application/merge-patch+json",
        body: { data: { k: "w" } },
      },
      {
        method: "PATCH",
        path: `${core}/configmaps/held`,
        type: "application/merge-patch+json",
        body: { metadata: { labels: { a: "b" } } },
      },
      {
        method: "PATCH",
        path: `${core}/configmaps/applied?fieldManager=me`,
        type: "application/apply-patch+yaml",
        body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied" }, data: { m: "x" } },
      },
      { method: "DELETE", path: `${core}/configmaps/held` },
      ...allowEverywhere("vera", "works-vera", rule("create configmaps"), rule("get secrets")),
      as("vera", map("a", { auth: "get" })),
      as("vera", map("a", { auth: "list" })),
      as("vera", map("a", { user: "vera" })),
      ...gone("works-deny"),
    ],
  },
  {
    name: "policies that warn and audit",
    exchanges: [
      ...judge("works-marker", { validations: [marked] }),
      ...judge(
        "works-warn",
        { validations: [{ expression: without("w") }, { expression: without("v"), message: "no v" }] },
        { validationActions: ["Warn", "Audit"] },
      ),
      ...judge(
        "works-audit",
        { validations: [{ expression: without("w") }] },
        { validationActions: ["Audit"] },
      ),
      ...judge("works-ignore", {
        failurePolicy: "Ignore",
        validations: [{ expression: `${without("i")} || object.data.absent == 'x'` }],
      }),
      ...judge("works-note", {
        auditAnnotations: [{ key: "k", valueExpression: "'x ' + object.data.absent" }],
        matchConditions: [{ name: "n", expression: "object.metadata.name == 'noted'" }],
      }),
      ...judge("works-condition", {
        matchConditions: [{ name: "c", expression: `${without("c")} || object.data.absent == 'x'` }],
        validations: [{ expression: "true" }],
      }),
      awaited("a"),
      { ...map("a", { c: "x" }), until: 422 },
      map("a", { w: "x" }),
      map("a", { w: "x", v: "y" }),
      map("a", { i: "x" }),
      map("noted"),
      ...gone("works-marker", "works-warn", "works-audit", "works-ignore", "works-note", "works-condition"),
    ],
  },
  {
    name: "policies with params",
    exchanges: [
      kept("limits", { max: "2" }, { use: "limits" }),
      kept("others", { max: "1" }, { use: "limits" }),
      ...[
        ["named", { name: "limits", parameterNotFoundAction: "Deny" }],
        ["chosen", { selector: { matchLabels: { use: "limits" } }, parameterNotFoundAction: "Deny" }],
        ["absent", { name: "absent", parameterNotFoundAction: "Deny" }],
        ["allowed", { name: "absent", parameterNotFoundAction: "Allow" }],
        ["empty", { selector: { matchLabels: { use: "nothing" } }, parameterNotFoundAction: "Deny" }],
      ].flatMap(([name, paramRef]) =>
        judge(
          `works-${name as string}`,
          {
            paramKind: { apiVersion: "v1", kind: "ConfigMap" },
            matchConditions: [{ name: "label", expression: `object.metadata.name == '${name as string}'` }],
            validations: [
              {
                expression: "!has(object.data) || object.data.size() <= int(params.data.max)",
                messageExpression: "'more than ' + params.data.max",
              },
            ],
          },
          { paramRef },
          { objectSelector: { matchLabels: { is: name } } },
        ),
      ),
      ...judge(
        "works-unknown",
        {
          paramKind: { apiVersion: "odd.example.com/v1", kind: "Odd" },
          validations: [{ expression: "true" }],
        },
        { paramRef: { name: "a", parameterNotFoundAction: "Deny" } },
        { objectSelector: { matchLabels: { is: "unknown" } } },
      ),
      { ...map("named", { a: "", b: "", c: "" }, { is: "named" }), until: 422 },
      map("named", { a: "", b: "" }, { is: "named" }),
      { ...map("chosen", { a: "", b: "" }, { is: "chosen" }), until: 422 },
      map("chosen", { a: "" }, { is: "chosen" }),
      { ...map("absent", {}, { is: "absent" }), until: 422 },
      map("allowed", { a: "", b: "", c: "" }, { is: "allowed" }),
      { ...map("empty", {}, { is: "empty" }), until: 422 },
      { ...map("unknown", {}, { is: "unknown" }), until: 422 },
      ...gone(...["named", "chosen", "absent", "allowed", "empty", "unknown"].map((name) => `works-${name}`)),
    ],
  },
  {
    name: "what policies match",
    exchanges: [
      ...judge(
        "works-match",
        { validations: [{ expression: "false", message: "matched" }] },
        {
          matchResources: {
            objectSelector: { matchExpressions: [{ key: "free", operator: "DoesNotExist" }] },
          },
        },
        {
          resourceRules: [
            { ...maps, operations: ["CREATE", "DELETE"] },
            {
              apiGroups: ["apps"],
              apiVersions: ["v1"],
              resources: ["deployments/scale"],
              operations: ["UPDATE"],
            },
            {
              apiGroups: ["autoscaling"],
              apiVersions: ["v1"],
              resources: ["horizontalpodautoscalers"],
              operations: ["*"],
            },
            { ...maps, resources: ["secrets"], operations: ["*"], scope: "Cluster" },
          ],
          excludeResourceRules: [{ ...maps, operations: ["CREATE"], resourceNames: ["excluded"] }],
        },
      ),
      { ...map("a"), until: 422 },
      map("excluded"),
      map("free", {}, { free: "yes" }),
      {
        path: `${core}/secrets?dryRun=All`,
        body: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } },
      },
      kept("excluded"),
      { method: "DELETE", path: `${core}/configmaps/excluded` },
      { method: "DELETE", path: `${core}/configmaps` },
      {
        path: "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
        body: {
          apiVersion: "autoscaling/v2",
          kind: "HorizontalPodAutoscaler",
          metadata: { name: "h" },
          spec: { maxReplicas: 2, scaleTargetRef: { kind: "Deployment", name: "d" } },
        },
      },
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "d" },
          spec: {
            selector: { matchLabels: { a: "b" } },
            template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
          },
        },
      },
      {
        method: "PATCH",
        path: "/apis/apps/v1/namespaces/{ns}/deployments/d/scale",
        type: "application/merge-patch+json",
        body: { spec: { replicas: 3 } },
      },
      ...gone("works-match"),
    ],
  },
];
