import type { Exchange } from "../../exchange.ts";
import { get, named, table } from "../reads/requests.ts";

/** Whose ages are counted in years: those do not change between a recording and a test. */
export const longAgo = "2000-01-01T00:00:00Z";
export const later = "2000-01-01T01:30:00Z";

/** An object, and what its controller says of it. */
export interface Told {
  readonly name: string;
  readonly spec?: object;
  readonly status?: object;
  readonly metadata?: object;
  /** Members beside `spec`. */
  readonly more?: object;
  /** It is asked to go, and something keeps it. */
  readonly deleted?: boolean;
}

/** Makes the object and writes its status as a controller would. */
export function told(path: string, apiVersion: string, kind: string, one: Told): Exchange[] {
  const { name, spec, status, metadata, more, deleted = false } = one;
  const finalizers = deleted ? { finalizers: ["example.com/stays"] } : {};
  const body = named(apiVersion, kind, name, {
    metadata: { name, labels: { asked: "yes" }, ...finalizers, ...metadata },
    ...(spec && { spec }),
    ...more,
  });
  const headers = { accept: table() };
  const none = "?includeObject=None";
  const type = "application/merge-patch+json";
  return [
    { path, body },
    ...(status
      ? [{ method: "PATCH", path: `${path}/${name}/status${none}`, type, body: { status }, headers }]
      : []),
    ...(deleted
      ? [
          {
            method: "DELETE",
            path: `${path}/${name}${none}&gracePeriodSeconds=0&propagationPolicy=Background`,
            headers,
          },
        ]
      : []),
  ];
}

/** The table of all that were made, without the objects. */
export const tableOf = (path: string, more = ""): Exchange =>
  get(`${path}?labelSelector=asked=yes&includeObject=None${more}`, table());

/** Cluster-scoped objects are taken away again, those that something keeps too. */
export const gone = (path: string, all: readonly Told[]): Exchange[] =>
  all.flatMap(({ name, deleted }) =>
    deleted
      ? [
          {
            method: "PATCH",
            path: `${path}/${name}`,
            type: "application/merge-patch+json",
            body: { metadata: { finalizers: null } },
          },
        ]
      : [{ method: "DELETE", path: `${path}/${name}` }],
  );
