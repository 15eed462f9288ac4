import { compareVersions, type JsonObject } from "../../api/index.ts";
import { taggedReply } from "../render/tagged-reply.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import type { APIService } from "./api-service.ts";
import type { ApiServiceController } from "./api-service-controller.ts";

interface GroupDocument {
  name: string;
  versions: { groupVersion: string; version: string }[];
  preferredVersion?: { groupVersion: string; version: string };
}

interface AggregatedDocument {
  items: { metadata: { name?: string }; versions: object[] }[];
}

/** Our own answer to a discovery request with what other servers serve put in; anything else as it is, or thrown. */
export function mergedDiscovery(
  request: ServerRequest,
  reply: Reply | Error,
  services: ApiServiceController,
): Reply {
  const { path } = request;
  const own = reply instanceof Error ? undefined : reply;
  const remote = services.remote();
  const group = /^\/apis\/([^/]+)\/?$/.exec(path)?.[1];
  const merged =
    group === undefined
      ? own && whole(request, own, remote, services)
      : oneGroup(
          group,
          own,
          remote.filter(({ spec }) => spec?.group === group),
        );
  if (merged) return merged;
  if (reply instanceof Error) throw reply;
  return reply;
}

function whole(
  request: ServerRequest,
  own: Reply,
  remote: readonly APIService[],
  services: ApiServiceController,
): Reply | undefined {
  const { path } = request;
  if (isGroupList(path)) {
    if (own.kind === "bytes") {
      const document = JSON.parse(own.body.toString()) as AggregatedDocument;
      for (const service of remote) addAggregated(document, service, services);
      return taggedReply(request, { body: JSON.stringify(document), contentType: own.contentType });
    }
    if (own.kind !== "object") return undefined;
    const { groups, ...rest } = own.value as { groups: GroupDocument[] };
    const all = [...groups];
    for (const service of remote) {
      const at = all.findIndex(({ name }) => name === service.spec.group);
      if (at < 0) all.push(withVersion(undefined, service));
      else all[at] = withVersion(all[at], service);
    }
    return { ...own, value: { ...rest, groups: all } };
  }
  if (!isSchemaIndex(path) || own.kind !== "bytes" || own.status !== 200) return undefined;
  const index = JSON.parse(own.body.toString()) as { paths: Record<string, { serverRelativeURL: string }> };
  for (const { metadata, spec } of remote) {
    const url = services.documents.get(metadata.name)?.openApi;
    if (url) index.paths[`apis/${spec.group}/${spec.version}`] = { serverRelativeURL: url };
  }
  return taggedReply(request, { body: JSON.stringify(index), contentType: own.contentType });
}

const isGroupList = (path: string): boolean => /^\/apis\/?$/.test(path);
export const isOpenApiV2 = (path: string): boolean => /^\/openapi\/v2\/?$/.test(path);
const isSchemaIndex = (path: string): boolean => /^\/openapi\/v3\/?$/.test(path);

/** Our own part of what is to be merged is needed whole, whatever the caller remembers of the merged one. */
export function askedWhole(request: ServerRequest): ServerRequest {
  const { path } = request;
  if (!isSchemaIndex(path) && !isGroupList(path)) return request;
  return { ...request, headers: { ...request.headers, "if-none-match": undefined } };
}

function oneGroup(group: string, own: Reply | undefined, remote: readonly APIService[]): Reply | undefined {
  if (remote.length === 0) return undefined;
  let document = own?.kind === "object" ? (own.value as GroupDocument) : undefined;
  for (const service of remote) document = withVersion(document ?? { name: group, versions: [] }, service);
  return { kind: "object", status: 200, value: { kind: "APIGroup", apiVersion: "v1", ...document } };
}

function withVersion(document: GroupDocument | undefined, { spec }: APIService): GroupDocument {
  const { group = "", version = "" } = spec;
  const added = { groupVersion: `${group}/${version}`, version };
  const versions = [...(document?.versions ?? []), added].toSorted((a, b) =>
    compareVersions(a.version, b.version),
  );
  return { ...document, name: group, versions, preferredVersion: versions[0]! };
}

interface ListedResource {
  name: string;
  singularName?: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

/** A server that does not answer is there without resources, marked as stale. */
function addAggregated(
  document: AggregatedDocument,
  { metadata, spec }: APIService,
  services: ApiServiceController,
): void {
  const { group = "", version = "" } = spec;
  const known = services.documents.get(metadata.name)?.resources;
  const entry = {
    version,
    resources: known ? describe(known, group, version) : [],
    freshness: known ? "Current" : "Stale",
  };
  const item = document.items.find((one) => one.metadata.name === group);
  if (item) item.versions.push(entry);
  else document.items.push({ metadata: { name: group }, versions: [entry] });
}

function describe(list: JsonObject, group: string, version: string): object[] {
  const all = (list["resources"] ?? []) as ListedResource[];
  const kindOf = (one: ListedResource): object => ({
    group: one.group ?? group,
    version: one.version ?? version,
    kind: one.kind,
  });
  return all
    .filter(({ name }) => !name.includes("/"))
    .map((one) => {
      const subresources = all
        .filter(({ name }) => name.startsWith(`${one.name}/`))
        .map((sub) => ({
          subresource: sub.name.slice(one.name.length + 1),
          responseKind: kindOf(sub),
          verbs: sub.verbs,
        }));
      const { shortNames, categories } = one;
      return {
        resource: one.name,
        responseKind: kindOf(one),
        scope: one.namespaced ? "Namespaced" : "Cluster",
        singularResource: one.singularName ?? one.kind.toLowerCase(),
        verbs: one.verbs,
        ...(shortNames ? { shortNames } : {}),
        ...(categories ? { categories } : {}),
        ...(subresources.length > 0 ? { subresources } : {}),
      };
    });
}
