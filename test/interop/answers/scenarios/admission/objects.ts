import type { Exchange } from "../../exchange.ts";

export const core = "/api/v1/namespaces/{ns}";
export const merge = "application/merge-patch+json";
export const pod = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
export const make = (name: string, spec: object = {}, metadata: object = {}): Exchange => ({
  path: `${core}/pods`,
  body: pod(name, spec, metadata),
});
export const object = (apiVersion: string, kind: string, name: string, more: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
export const container = (name: string, more: object = {}): object => ({ name, image: "i", ...more });
export const template = (spec: object = {}): object => ({
  metadata: { labels: { a: "b" } },
  spec: { containers: [container("c")], ...spec },
});
export const sized = (requests: object, limits: object = {}): object => ({
  containers: [container("c", { resources: { requests, limits } })],
});

/** The server, which looks such things up in what it is told a moment later, has heard of what was made. */
export const learnt: Exchange = { path: "/healthz", pause: 300 };
