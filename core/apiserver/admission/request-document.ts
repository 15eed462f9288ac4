import type { JsonObject } from "../../api/index.ts";
import type { AdmissionRequest } from "./admission.ts";

/** What webhooks (as `request` of an AdmissionReview) and expressions (as the variable `request`) are told. */
export function requestDocument(request: AdmissionRequest): JsonObject {
  const { operation, kind, subresource, namespace, name, user, dryRun, options } = request;
  const { group, version } = kind;
  const served = kind.subresources.find((one) => one.name === subresource);
  const isWhole = served === undefined || subresource === "status";
  const named = isWhole ? { group, version, kind: kind.kind } : pick(served);
  const resource = { group, version, resource: kind.resource };
  const userInfo: JsonObject = { username: user.name, groups: user.groups };
  if (user.uid !== undefined) userInfo["uid"] = user.uid;
  if (user.extra) userInfo["extra"] = user.extra;
  const document: JsonObject = {
    kind: named,
    resource,
    requestKind: named,
    requestResource: resource,
    name,
    operation,
    userInfo,
    dryRun,
    options: options ?? null,
  };
  if (kind.namespaced) document["namespace"] = namespace;
  // A Namespace is asked for under its own name.
  else if (group === "" && kind.kind === "Namespace") document["namespace"] = name;
  if (subresource !== "") {
    document["subResource"] = subresource;
    document["requestSubResource"] = subresource;
  }
  return document;
}

function pick({ group, version, kind }: { group: string; version: string; kind: string }): JsonObject {
  return { group, version, kind };
}
