import type { JsonObject } from "../../api/index.ts";
import type { AdmissionRequest } from "./admission.ts";

/**
 * What webhooks (as `request` of an AdmissionReview) and expressions (as the variable `request`) are told. Subresources that
 * store something (status, scale, binding) show the whole object under its own kind.
 */
export function requestDocument(request: AdmissionRequest): JsonObject {
  const { operation, kind, subresource, namespace, name, object, user, dryRun, options } = request;
  const { group, version } = kind;
  const isConnection = operation === "CONNECT" && object !== undefined;
  const named = isConnection
    ? { group: "", version: "v1", kind: object.kind }
    : { group, version, kind: kind.kind };
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
