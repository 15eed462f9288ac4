import type { Exchange, Scenario } from "../../exchange.ts";
import { map } from "./at-work.ts";
import { at, object } from "./requests.ts";

const here = { matchLabels: { "kubernetes.io/metadata.name": "{ns}" } };
const plurals = ["mutatingadmissionpolicybindings", "mutatingadmissionpolicies"];
const apply = (expression: string): object => ({
  patchType: "ApplyConfiguration",
  applyConfiguration: { expression },
});
const patch = (expression: string): object => ({ patchType: "JSONPatch", jsonPatch: { expression } });
const creates = (resources: string[], group = ""): object => ({
  apiGroups: [group],
  apiVersions: ["v1"],
  resources,
  operations: ["CREATE"],
});

function change(
  name: string,
  is: string,
  mutations: object[],
  spec: object = {},
  binding: object = {},
): Exchange[] {
  return [
    {
      path: `${at}/mutatingadmissionpolicies`,
      body: object("MutatingAdmissionPolicy", name, {
        spec: {
          reinvocationPolicy: "Never",
          matchConstraints: {
            resourceRules: [creates(["configmaps"]), creates(["deployments"], "apps")],
            namespaceSelector: here,
            objectSelector: { matchLabels: { is } },
          },
          mutations,
          ...spec,
        },
      }),
    },
    {
      path: `${at}/mutatingadmissionpolicybindings`,
      body: object("MutatingAdmissionPolicyBinding", name, { spec: { policyName: name, ...binding } }),
    },
  ];
}
const labels = (text: string): object => apply(`Object{metadata: Object.metadata{labels: ${text}}}`);

const marker = change("changes-marker", "marker", [patch("[JSONPatch{op: 'remove', path: '/absent'}]")]);
/** The last policy that was made is at work: it cannot be applied. */
const active: Exchange = { ...map("marker", {}, { is: "marker" }), until: 403 };
const removed = (...names: string[]): Exchange[] =>
  names.flatMap((name) => plurals.map((plural) => ({ method: "DELETE", path: `${at}/${plural}/${name}` })));
const deployment = (is: string): Exchange => ({
  path: "/apis/apps/v1/namespaces/{ns}/deployments?dryRun=All",
  body: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "d", labels: { is } },
    spec: {
      selector: { matchLabels: { a: "b" } },
      template: {
        metadata: { labels: { a: "b" } },
        spec: {
          containers: [
            { name: "c", image: "i" },
            { name: "d", image: "j" },
          ],
        },
      },
    },
  },
});

export const mutatingAtWorkScenarios: readonly Scenario[] = [
  {
    name: "policies that change",
    exchanges: [
      {
        path: "/api/v1/namespaces/{ns}/serviceaccounts",
        body: {
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: "settings", labels: { team: "red" } },
        },
      },
      ...change("changes-a", "labelled", [
        labels(
          "{'a': string(object.metadata.name), 'b': request.operation, 'c': string(namespaceObject.metadata.name == '{ns}')}",
        ),
        labels("{'d': object.metadata.labels['a'] + '-again'}"),
      ]),
      ...change("changes-b", "patched", [
        patch(
          "[JSONPatch{op: 'add', path: '/data', value: {'x': 'y'}}, JSONPatch{op: 'test', path: '/data/x', value: 'y'}]",
        ),
        patch(
          "has(object.data) ? [JSONPatch{op: 'copy', from: '/data/x', path: '/data/' + jsonpatch.escapeKey('a/b~c')}] : []",
        ),
      ]),
      ...change("changes-c", "variables", [labels("variables.all")], {
        variables: [{ name: "all", expression: "{'v': object.metadata.name}" }],
        matchConditions: [{ name: "n", expression: "object.metadata.name != 'skipped'" }],
      }),
      ...change(
        "changes-d",
        "params",
        [labels("{'team': params.metadata.labels.team}")],
        { paramKind: { apiVersion: "v1", kind: "ServiceAccount" } },
        { paramRef: { name: "settings", namespace: "{ns}", parameterNotFoundAction: "Deny" } },
      ),
      ...change("changes-e", "containers", [
        apply(
          "Object{spec: Object.spec{replicas: 3, template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', imagePullPolicy: 'Never'}, Object.spec.template.spec.containers{name: 'new', image: 'n'}]}}}}",
        ),
      ]),
      ...marker,
      active,
      { ...map("one", {}, { is: "labelled" }), pause: 1500 },
      map("two", {}, { is: "patched" }),
      map("three", {}, { is: "variables" }),
      map("skipped", {}, { is: "variables" }),
      { ...map("four", {}, { is: "params" }), until: 201 },
      map("five", {}, { is: "none" }),
      deployment("containers"),
      ...removed("changes-a", "changes-b", "changes-c", "changes-d", "changes-e", "changes-marker"),
    ],
  },
  {
    name: "policies that cannot change",
    exchanges: [
      ...change("fails-test", "test", [patch("[JSONPatch{op: 'test', path: '/data', value: 'y'}]")]),
      ...change("fails-path", "path", [patch("[JSONPatch{op: 'add', path: '/a/b', value: 'y'}]")]),
      ...change("fails-op", "op", [patch("[JSONPatch{op: 'odd', path: '/a'}]")]),
      ...change("fails-value", "value", [labels("{'a': object.data.absent}")]),
      ...change("fails-ignored", "ignored", [labels("{'a': object.data.absent}")], {
        failurePolicy: "Ignore",
      }),
      ...change("fails-atomic", "atomic", [
        apply(
          "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', command: ['x']}]}}}}",
        ),
      ]),
      ...change("fails-unknown", "unknown", [apply("Object{spec: Object.spec{nothing: 1}}")]),
      ...change("fails-type", "type", [apply("Object{data: Object.data{a: 1}}")]),
      ...change("fails-invalid", "invalid", [labels("{'a b': 'c'}")]),
      ...change("fails-name", "name", [apply("Object{metadata: Object.metadata{name: 'other'}}")]),
      ...change(
        "fails-params",
        "params",
        [labels("{'team': params.metadata.labels.team}")],
        { paramKind: { apiVersion: "v1", kind: "ServiceAccount" } },
        { paramRef: { name: "absent", parameterNotFoundAction: "Deny" } },
      ),
      ...marker,
      active,
      { ...map("a", {}, { is: "test" }), pause: 1500 },
      ...["path", "op", "value", "ignored", "unknown", "type", "invalid", "name", "params"].map((is) =>
        map("a", {}, { is }),
      ),
      deployment("atomic"),
      deployment("unknown"),
      ...removed(
        ...[
          "test",
          "path",
          "op",
          "value",
          "ignored",
          "atomic",
          "unknown",
          "type",
          "invalid",
          "name",
          "params",
        ].map((name) => `fails-${name}`),
        "changes-marker",
      ),
    ],
  },
];
