import { expect, test } from "vitest";
import { kinds, labelSelectorQuery } from "../../api/index.ts";
import type { AdmissionRequest } from "./admission.ts";
import {
  type AdmissionRule,
  isAdmissionConfiguration,
  matchesObject,
  matchesRule,
} from "./admission-rules.ts";
import { matchingForm } from "./shown-request.ts";

function request(more: Partial<AdmissionRequest> & { of?: [string, string, string] } = {}): AdmissionRequest {
  const { of = ["apps", "v1", "Deployment"], ...rest } = more;
  return {
    operation: "CREATE",
    kind: kinds.byKind(...of)!,
    subresource: "",
    namespace: "default",
    name: "web",
    user: { name: "alice", groups: [] },
    dryRun: false,
    warnings: [],
    ...rest,
  };
}

const rule = (more: Partial<AdmissionRule> = {}): AdmissionRule => ({
  operations: ["CREATE"],
  apiGroups: ["apps"],
  apiVersions: ["v1"],
  resources: ["deployments"],
  ...more,
});

test.each<[string, Partial<AdmissionRule>, Parameters<typeof request>[0], boolean]>([
  ["everything said", {}, {}, true],
  ["another operation", { operations: ["DELETE"] }, {}, false],
  ["any operation", { operations: ["*"] }, { operation: "DELETE" }, true],
  ["another group", { apiGroups: [""] }, {}, false],
  ["any group and version", { apiGroups: ["*"], apiVersions: ["*"] }, {}, true],
  ["another version", { apiVersions: ["v1beta1"] }, {}, false],
  ["all resources", { resources: ["*"] }, {}, true],
  ["all resources are no subresources", { resources: ["*"] }, { subresource: "scale" }, false],
  ["one subresource", { resources: ["deployments/scale"] }, { subresource: "scale" }, true],
  ["the same of all", { resources: ["*/scale"] }, { subresource: "scale" }, true],
  ["all of one", { resources: ["deployments/*"] }, { subresource: "status" }, true],
  ["all of all", { resources: ["*/*"] }, { subresource: "status" }, true],
  ["a resource is not its subresource", {}, { subresource: "status" }, false],
  ["by name", { resourceNames: ["web"] }, {}, true],
  ["by another name", { resourceNames: ["db"] }, {}, false],
  ["in namespaces", { scope: "Namespaced" }, {}, true],
  ["in the cluster", { scope: "Cluster" }, {}, false],
  [
    "a namespace is of the cluster",
    { scope: "Cluster", apiGroups: [""], resources: ["namespaces"] },
    { of: ["", "v1", "Namespace"] },
    true,
  ],
  ["nothing said is about nothing", { operations: [] }, {}, false],
])("a rule matches: %s", (_, more, asked, expected) => {
  expect(matchesRule(rule(more), request(asked))).toBe(expected);
});

test("another version of the same object does not get around a rule", () => {
  const asked = request({ of: ["autoscaling", "v1", "HorizontalPodAutoscaler"] });
  const isV2 = ({ kind }: AdmissionRequest): boolean => kind.version === "v2";
  expect(matchingForm(asked, undefined, kinds, isV2)?.requested).toBe(asked);
  expect(matchingForm(asked, "Exact", kinds, isV2)).toBeUndefined();
  expect(matchingForm(asked, undefined, kinds, ({ kind }) => kind.version === "v1")).toBe(asked);
});

test("an object is selected by what it was or by what it shall be", () => {
  const selector = labelSelectorQuery({ matchLabels: { a: "1" } });
  const labelled = { apiVersion: "v1", kind: "Pod", metadata: { labels: { a: "1" } } };
  const plain = { apiVersion: "v1", kind: "Pod", metadata: {} };
  expect(matchesObject(selector, request({ object: plain, old: labelled }))).toBe(true);
  expect(matchesObject(selector, request({ object: labelled }))).toBe(true);
  expect(matchesObject(selector, request({ object: plain }))).toBe(false);
});

test("what configures admission is out of its reach", () => {
  const of = ["admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration"] as const;
  expect(isAdmissionConfiguration(request({ of: [...of] }))).toBe(true);
  expect(isAdmissionConfiguration(request())).toBe(false);
});
