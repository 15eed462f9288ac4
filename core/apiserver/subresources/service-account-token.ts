import { formatTime, namedType } from "../../api/index.ts";
import { nodeNameOf } from "../authz/node-authorizer.ts";
import type { BoundObject, ServiceAccountTokens } from "../authn/service-account-tokens.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { readNamed } from "../registry/request-object.ts";
import { admitObject } from "./admit-object.ts";
import { ownedBy } from "../reviews/review-owner.ts";
import { badRequest, conflict, forbidden, invalid, notFound } from "../request/status-error.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

interface TokenRequest extends Draft {
  spec?: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
  };
}

const shortestSeconds = 600;
const largestSeconds = 2 ** 32;
const longestSeconds = 24 * 3600;
const usualSeconds = 3600;
const tokenRequests = { group: "authentication.k8s.io", resource: "tokenrequests", kind: "TokenRequest" };

/** POST serviceaccounts/NAME/token: a fresh token, bound to a pod when one is named. */
export function createToken(tokens: ServiceAccountTokens): SubresourceHandler {
  return async (call: SubresourceCall) => {
    const { registry, kind, request, info } = call;
    const type = namedType("authentication.k8s.io/v1", "TokenRequest")!;
    const asked = await readNamed<TokenRequest>(request, type);
    const said = asked.metadata ?? {};
    if (said.name && said.name !== info.name)
      throw invalid(tokenRequests, info.name, [
        {
          reason: "FieldValueInvalid",
          field: "metadata.name",
          message: `Invalid value: ${JSON.stringify(said.name)}: must match the service account name if specified`,
        },
      ]);
    if (said.namespace && said.namespace !== info.namespace)
      throw badRequest(
        "the namespace of the provided object does not match the namespace sent on the request",
      );
    const account = registry.objects.cached(kind, info.namespace, info.name)?.object<Draft>();
    if (!account) throw notFound(kind, info.name);
    const uid = account.metadata.uid!;
    if (said.uid && said.uid !== uid)
      throw conflict(
        { ...tokenRequests, resource: "TokenRequest" },
        info.name,
        `the UID in the token request (${said.uid}) does not match the UID of the service account (${uid})`,
      );
    await admitObject(call, type, asked);
    const { audiences = [] } = asked.spec ?? {};
    // Clients that speak protobuf send 0 for none.
    const expirationSeconds = asked.spec?.expirationSeconds || usualSeconds;
    const limit =
      expirationSeconds < shortestSeconds
        ? "less than 10 minutes"
        : expirationSeconds > largestSeconds && "larger than 2^32 seconds";
    if (limit) {
      const message = `Invalid value: ${expirationSeconds}: may not specify a duration ${limit}`;
      throw invalid(tokenRequests, "", [
        { reason: "FieldValueInvalid", field: "spec.expirationSeconds", message },
      ]);
    }
    const owner = ownedBy(
      request,
      type,
      { ...asked, spec: { ...asked.spec, expirationSeconds } },
      call.now,
      "token",
    );
    if (expirationSeconds > longestSeconds)
      request.warnings.push(
        `requested expiration of ${expirationSeconds} seconds shortened to ${longestSeconds} seconds`,
      );
    const bound = boundObject(call, asked);
    const { token, expiresAt } = await tokens.issue({
      namespace: info.namespace,
      serviceAccount: { name: info.name, uid },
      audiences: audiences.length > 0 ? audiences : [tokens.issuer],
      expirationSeconds: Math.min(expirationSeconds, longestSeconds),
      ...bound,
    });
    return {
      kind: "object",
      status: 201,
      value: {
        kind: "TokenRequest",
        apiVersion: "authentication.k8s.io/v1",
        metadata: {
          name: info.name,
          namespace: info.namespace,
          uid,
          creationTimestamp: formatTime(call.now),
          ...owner,
        },
        spec: {
          boundObjectRef: null,
          ...asked.spec,
          audiences: audiences.length > 0 ? audiences : [tokens.issuer],
          expirationSeconds: Math.min(expirationSeconds, longestSeconds),
        },
        status: { token, expirationTimestamp: formatTime(expiresAt) },
      },
    };
  };
}

const resources = { Pod: "pods", Secret: "secrets", Node: "nodes" } as const;

const serviceAccounts = { group: "", resource: "serviceaccounts" };

function groupAndVersion(apiVersion: string): readonly [group: string, version: string] {
  const [first = "", second] = apiVersion.split("/");
  return second === undefined ? ["", first] : [first, second];
}

function boundObject(
  { registry, request, info }: SubresourceCall,
  asked: TokenRequest,
): { bound?: BoundObject; node?: { name: string; uid?: string } } {
  const reference = asked.spec?.boundObjectRef;
  const asking = nodeNameOf(request.user);
  if (!reference) {
    if (asking !== undefined)
      throw forbidden(serviceAccounts, info.name, "node requested token not bound to a pod");
    return {};
  }
  if (asking !== undefined && !reference.uid)
    throw forbidden(serviceAccounts, info.name, "node requested token with a pod binding without a uid");
  const kind = reference.kind as keyof typeof resources;
  const resource = Object.hasOwn(resources, kind) ? resources[kind] : undefined;
  if (!resource) {
    const [group, version] = groupAndVersion(reference.apiVersion ?? "");
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${reference.kind ?? ""}`);
  }
  if (!reference.name) throw badRequest("Name parameter required.");
  const { cache } = registry.objects;
  const at = kind === "Node" ? "" : `${info.namespace}/`;
  const found = cache.kind(`/core/${resource}/`).get(`/core/${resource}/${at}${reference.name}`);
  if (!found) throw notFound({ group: "", resource }, reference.name);
  const object = found.object<Draft>();
  const uid = object.metadata.uid!;
  if (reference.uid && reference.uid !== uid) {
    const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    if (asking !== undefined) throw forbidden(serviceAccounts, info.name, why);
    throw conflict({ group: "", resource: kind }, reference.name, why);
  }
  if (kind === "Pod" && (object.spec?.["serviceAccountName"] ?? "default") !== info.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(info.name)} to pod running with different serviceaccount name.`,
    );
  const node = kind === "Pod" ? (object.spec?.["nodeName"] as string | undefined) : undefined;
  if (asking !== undefined && node !== asking)
    throw forbidden(
      serviceAccounts,
      info.name,
      "node requested token bound to a pod scheduled on a different node",
    );
  return { bound: { kind, name: reference.name, uid }, ...(node ? { node: namedNode(cache, node) } : {}) };
}

/** A pod may be bound to a node that is not there. */
function namedNode(cache: WatchCache, name: string): { name: string; uid?: string } {
  const found = cache.kind("/core/nodes/").get(`/core/nodes/${name}`);
  return { name, ...(found ? { uid: found.object<{ metadata: { uid: string } }>().metadata.uid } : {}) };
}
