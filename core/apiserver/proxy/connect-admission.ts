import { type JsonObject, namedType } from "../../api/index.ts";
import { shownObject } from "../admission/shown-request.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { ServerRequest } from "../request/request.ts";
import { writeContext } from "../registry/resource-handler.ts";
import { request as asked } from "../registry/registry.ts";
import type { SubresourceCall, SubresourceHandler } from "../subresources/subresource.ts";

const booleans: ReadonlySet<string> = new Set(["stdin", "stdout", "stderr", "tty"]);

/**
 * Asks admission before a caller is connected: what `kubectl exec` wants to run, where, and whose terminal it wants.
 * @param optionsKind what the object of such a request is called: PodExecOptions
 */
export function admitted(optionsKind: string, handler: SubresourceHandler): SubresourceHandler {
  return async (call) => {
    const { registry, kind, request, info, now } = call;
    await registry.admission.connect({
      operation: "CONNECT",
      kind,
      subresource: info.subresource,
      namespace: info.namespace,
      name: info.name,
      ...shownObject(namedType("v1", optionsKind)!, optionsOf(optionsKind, call)),
      ...asked({ ...writeContext(request, info, now), options: undefined }),
    });
    return await handler(call);
  };
}

function optionsOf(kind: string, { info, request }: SubresourceCall): Draft {
  const options: JsonObject =
    info.subresource === "proxy" ? pathOptions(info, request) : queryOptions(request);
  return { apiVersion: "v1", kind, metadata: {}, ...options };
}

/** What is asked for behind the proxy; the query is for whoever is there. */
function pathOptions({ rest }: ResourceRequest, { path }: ServerRequest): JsonObject {
  return { path: path.endsWith("/") && !rest.endsWith("/") ? `${rest}/` : rest };
}

function queryOptions({ query }: ServerRequest): JsonObject {
  const options: JsonObject = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (name === "command") options[name] = values;
    else if (name === "ports") options[name] = values.flatMap((one) => one.split(",").map(Number));
    else options[name] = booleans.has(name) ? values[0] === "true" || values[0] === "1" : values[0];
  }
  return options;
}
