import type { Exchange } from "../../exchange.ts";

export const core = "/api/v1/namespaces/{ns}";
export const configMaps = `${core}/configmaps`;
export const pods = `${core}/pods`;
export const get = (path: string, accept?: string): Exchange => ({
  path,
  ...(accept !== undefined && { headers: { accept } }),
});
export const gets = (paths: readonly string[], accept?: string): Exchange[] =>
  paths.map((path) => get(path, accept));
export const queries = (path: string, texts: readonly string[], accept?: string): Exchange[] =>
  texts.map((text) => get(`${path}?${text}`, accept));

export const configMap = (name: string, labels?: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...(labels && { labels }) },
  data: { a: name },
});
export const pod = (name: string, spec: object = {}, labels?: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...(labels && { labels }) },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
export const threeMaps: readonly Exchange[] = [
  {
    path: configMaps,
    body: configMap("one", { app: "web", tier: "front" }),
    take: { first: "metadata.resourceVersion" },
  },
  { path: configMaps, body: configMap("two", { app: "web" }), take: { second: "metadata.resourceVersion" } },
  { path: configMaps, body: configMap("three"), take: { third: "metadata.resourceVersion" } },
];

export const table = (version = "v1"): string => `application/json;as=Table;v=${version};g=meta.k8s.io`;
export const metadata = (as = "PartialObjectMetadataList", version = "v1"): string =>
  `application/json;as=${as};v=${version};g=meta.k8s.io`;

export const deploymentSpec = (more: object = {}) => ({
  replicas: 2,
  selector: { matchLabels: { app: "w" } },
  template: {
    metadata: { labels: { app: "w" } },
    spec: {
      containers: [
        { name: "c", image: "i" },
        { name: "d", image: "j" },
      ],
    },
  },
  ...more,
});
export const named = (apiVersion: string, kind: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
export const apps = "/apis/apps/v1/namespaces/{ns}";
export const methods = (path: string, names: readonly string[]): Exchange[] =>
  names.map((method) => ({ method, path }));
export const otherMethods = ["OPTIONS", "HEAD", "TRACE"];
export const allMethods = [...otherMethods, "POST", "PUT", "PATCH", "DELETE"];
