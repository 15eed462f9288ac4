import { expect, test } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { kinds } from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { paramsOf } from "./params.ts";
import type { BindingSpec, PolicySpec } from "./policy-settings.ts";

const { cache } = filledCache({
  "/core/configmaps/d/limits": { metadata: { name: "limits", labels: { use: "limits" } } },
  "/core/configmaps/e/limits": { metadata: { name: "limits", labels: { use: "limits" } } },
  "/core/configmaps/d/other": { metadata: { name: "other" } },
});
const request = { namespace: "d" } as AdmissionRequest;
const policy = { paramKind: { apiVersion: "v1", kind: "ConfigMap" } } as PolicySpec;
const binding = (paramRef: object): BindingSpec => ({ policyName: "p", paramRef });
const count = (paramRef: object, asked = request): number =>
  paramsOf(policy, binding(paramRef), asked, kinds, cache).length;

test("params are those named or selected, in the namespace of the request or the one that is named", () => {
  expect(count({ name: "limits" })).toBe(1);
  expect(count({ selector: { matchLabels: { use: "limits" } } })).toBe(1);
  expect(count({ selector: {} })).toBe(2);
  expect(count({ name: "limits", namespace: "e" })).toBe(1);
  expect(() => count({ name: "other", namespace: "e" })).toThrow("no params found");
  expect(() => count({ name: "limits" }, { namespace: "" } as AdmissionRequest)).toThrow(
    "matches cluster-scoped resources",
  );
});

test("where there are none the request is refused, unless the binding says that it may pass", () => {
  for (const more of [{}, { parameterNotFoundAction: "Deny" }])
    expect(() => count({ name: "gone", ...more })).toThrow("no params found for policy binding with `Deny`");
  expect(count({ name: "gone", parameterNotFoundAction: "Allow" })).toBe(0);
  const unknown = { paramKind: { apiVersion: "x.example.com/v1", kind: "Gone" } } as PolicySpec;
  expect(() => paramsOf(unknown, binding({ name: "a" }), request, kinds, cache)).toThrow(
    "failed to find resource referenced by paramKind",
  );
});
