import type { Scenario } from "../exchange.ts";

const at = "/api/v1/namespaces/{ns}/configmaps";
const configMap = (name: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  ...more,
});

export const scenarios: readonly Scenario[] = [
  {
    name: "life of a config map",
    exchanges: [
      { path: at, body: configMap("one", { data: { a: "1" } }), take: { uid: "metadata.uid" } },
      { path: at, body: configMap("one") },
      { path: at },
      { path: `${at}/one` },
      { path: `${at}/two` },
      { method: "PUT", path: `${at}/one`, body: configMap("one", { data: { a: "2" }, immutable: true }) },
      { method: "PUT", path: `${at}/one`, body: configMap("one", { data: { a: "3" }, immutable: true }) },
      { method: "PUT", path: `${at}/two`, body: configMap("two") },
      { method: "DELETE", path: `${at}/one`, body: { preconditions: { uid: "other" } } },
      { method: "DELETE", path: `${at}/one`, body: { preconditions: { uid: "{uid}" } } },
      { method: "DELETE", path: `${at}/one` },
      { path: `${at}?watch=1&timeoutSeconds=1` },
    ],
  },
];
