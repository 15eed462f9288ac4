import type { Exchange } from "../../exchange.ts";

export const configMaps = "/api/v1/namespaces/{ns}/configmaps";
export const deployments = "/apis/apps/v1/namespaces/{ns}/deployments";
export const services = "/api/v1/namespaces/{ns}/services";
export const pods = "/api/v1/namespaces/{ns}/pods";

export const configMap = (name: string, more: object = {}, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  ...more,
});

export const one = `${configMaps}/one`;
export const web = `${deployments}/web`;

/** What somebody says of the config map. */
export const said = (data: object, metadata: object = {}) => configMap("one", { data }, metadata);

export const container = (name: string, more: object = {}) => ({ name, image: `${name}:1`, ...more });

export const deployment = (
  name: string,
  containers: readonly object[] = [container("a")],
  spec: object = {},
) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers } },
    ...spec,
  },
});

/** What somebody says of the deployment. */
export const partly = (spec: object, metadata: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", ...metadata },
  spec,
});

export const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [container("a")], ...spec },
});

export const service = (name: string, ports: readonly object[]) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app: name }, ports },
});

const patchOf =
  (type: string) =>
  (path: string, body: unknown): Exchange => ({
    method: "PATCH",
    path,
    body,
    type: `application/${type}`,
  });

export const json = patchOf("json-patch+json");
export const merge = patchOf("merge-patch+json");
export const strategic = patchOf("strategic-merge-patch+json");

const applyPatch = patchOf("apply-patch+yaml");

export const apply = (path: string, body: unknown, manager = "one", query = ""): Exchange =>
  applyPatch(`${path}?fieldManager=${manager}${query}`, body);

export const post = (path: string, body: unknown, more: Partial<Exchange> = {}): Exchange => ({
  method: "POST",
  path,
  body,
  ...more,
});

export const put = (path: string, body: unknown, more: Partial<Exchange> = {}): Exchange => ({
  method: "PUT",
  path,
  body,
  ...more,
});

export const remove = (path: string, body?: unknown): Exchange => ({
  method: "DELETE",
  path,
  ...(body === undefined ? {} : { body }),
});

export const get = (path: string): Exchange => ({ path });
