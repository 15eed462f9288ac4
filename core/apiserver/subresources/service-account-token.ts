import { formatTime, namedType } from "../../api/index.ts";
import { nodeNameOf } from "../authz/node-authorizer.ts";
import type { BoundObject, ServiceAccountTokens } from "../authn/service-account-tokens.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { readNamed } from "../registry/request-object.ts";
import { admitObject } from "./admit-object.ts";
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
const longestSeconds = 24 * 3600;
const usualSeconds = 3600;

/** POST serviceaccounts/NAME/token: a fresh token, bound to a pod when one is named. */
export function createToken(tokens: ServiceAccountTokens): SubresourceHandler {
  return async (call: SubresourceCall) => {
    const { registry, kind, request, info } = call;
    const type = namedType("authentication.k8s.io/v1", "TokenRequest")!;
    const asked = await readNamed<TokenRequest>(request, type);
    const account = registry.objects.cached(kind, info.namespace, info.name)?.object<Draft>();
    if (!account) throw notFound(kind, info.name);
    await admitObject(call, type, asked);
    const { audiences = [] } = asked.spec ?? {};
    // Clients that speak protobuf send 0 for none.
    const expirationSeconds = asked.spec?.expirationSeconds || usualSeconds;
    if (expirationSeconds < shortestSeconds) {
      const message = `Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`;
      const cause = { reason: "FieldValueInvalid", field: "spec.expirationSeconds", message };
      throw invalid({ group: "authentication.k8s.io", resource: "tokenrequests", kind: "TokenRequest" }, "", [
        cause,
      ]);
    }
    if (expirationSeconds > longestSeconds)
      request.warnings.push(
        `requested expiration of ${expirationSeconds} seconds shortened to ${longestSeconds} seconds`,
      );
    const bound = boundObject(call, asked);
    const { token, expiresAt } = await tokens.issue({
      namespace: info.namespace,
      serviceAccount: { name: info.name, uid: account.metadata.uid! },
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
          creationTimestamp: formatTime(call.now),
        },
        spec: {
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

const notOfNode = (node: string): string =>
  `node ${JSON.stringify(node)} may ask only for tokens that are bound to a pod of its own`;

function boundObject(
  { registry, request, info }: SubresourceCall,
  asked: TokenRequest,
): { bound?: BoundObject; node?: { name: string; uid?: string } } {
  const reference = asked.spec?.boundObjectRef;
  const asking = nodeNameOf(request.user);
  if (!reference) {
    if (asking !== undefined)
      throw forbidden({ group: "", resource: "serviceaccounts" }, info.name, notOfNode(asking));
    return {};
  }
  const kind = reference.kind as keyof typeof resources;
  const resource = Object.hasOwn(resources, kind) ? resources[kind] : undefined;
  if (!resource || !reference.name)
    throw badRequest("boundObjectRef names a Pod, a Secret or a Node by name");
  const { cache } = registry.objects;
  const at = kind === "Node" ? "" : `${info.namespace}/`;
  const found = cache.kind(`/core/${resource}/`).get(`/core/${resource}/${at}${reference.name}`);
  if (!found) throw notFound({ group: "", resource }, reference.name);
  const object = found.object<Draft>();
  const uid = object.metadata.uid!;
  if (reference.uid && reference.uid !== uid)
    throw conflict(
      { group: "", resource },
      reference.name,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  if (kind === "Pod" && (object.spec?.["serviceAccountName"] ?? "default") !== info.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(info.name)} to pod running with different serviceaccount name.`,
    );
  const node = kind === "Pod" ? (object.spec?.["nodeName"] as string | undefined) : undefined;
  if (asking !== undefined && node !== asking)
    throw forbidden({ group: "", resource: "serviceaccounts" }, info.name, notOfNode(asking));
  return { bound: { kind, name: reference.name, uid }, ...(node ? { node: namedNode(cache, node) } : {}) };
}

/** A pod may be bound to a node that is not there. */
function namedNode(cache: WatchCache, name: string): { name: string; uid?: string } {
  const found = cache.kind("/core/nodes/").get(`/core/nodes/${name}`);
  return { name, ...(found ? { uid: found.object<{ metadata: { uid: string } }>().metadata.uid } : {}) };
}
