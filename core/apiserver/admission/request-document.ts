import { type JsonObject, parseGroupVersion } from "../../api/index.ts";
import type { AdmissionRequest } from "./admission.ts";

/** What webhooks (as `request` of an AdmissionReview) and expressions (as the variable `request`) are told. */
export function requestDocument(request: AdmissionRequest): JsonObject {
  const { operation, kind, subresource, namespace, name, user, dryRun, options, requested } = request;
  const { group } = kind;
  const userInfo: JsonObject = { username: user.name, groups: user.groups };
  if (user.uid !== undefined) userInfo["uid"] = user.uid;
  if (user.extra) userInfo["extra"] = user.extra;
  const document: JsonObject = {
    kind: kindOf(request),
    resource: resourceOf(request),
    requestKind: kindOf(requested ?? request),
    requestResource: resourceOf(requested ?? request),
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

function kindOf({ kind, shown }: AdmissionRequest): JsonObject {
  if (typeof shown !== "object") return { group: kind.group, version: kind.version, kind: kind.kind };
  const { group, version } = parseGroupVersion(shown.of.apiVersion)!;
  return { group, version, kind: shown.of.kind };
}

function resourceOf({ kind: { group, version, resource } }: AdmissionRequest): JsonObject {
  return { group, version, resource };
}
