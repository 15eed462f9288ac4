import type { Scenario } from "../../exchange.ts";
import { hook, hooks, rules } from "./requests.ts";

export const hookScenarios: readonly Scenario[] = [
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
