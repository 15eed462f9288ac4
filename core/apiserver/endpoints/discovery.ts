import {
  aggregatedDiscovery,
  apiGroup,
  coreVersions,
  groupList,
  type Kind,
  resourceList,
} from "../../api/index.ts";
import { taggedReply } from "../render/tagged-reply.ts";
import type { Reply, ServerRequest } from "../request/request.ts";

const aggregated = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** /api, /apis and below, down to the list of resources of a version; undefined when there is no such document. */
export function discoveryReply(request: ServerRequest, kinds: readonly Kind[]): Reply | undefined {
  const [root, first, second, ...more] = request.path.split("/").filter((part) => part !== "");
  if (more.length > 0) return undefined;
  if (first === undefined) {
    if (wantsAggregated(request.headers["accept"]))
      return allInOne(request, kinds, root === "api" ? "core" : "groups");
    return document(root === "api" ? coreVersions(kinds, "") : groupList(kinds));
  }
  if (root === "api") return document(second === undefined ? resourceList(kinds, "", first) : undefined);
  return document(second === undefined ? apiGroup(kinds, first) : resourceList(kinds, first, second));
}

/** The first entry that can be served decides; clients name what they like best first. */
function wantsAggregated(accept: string | undefined): boolean {
  const first = (accept ?? "").split(",").find((one) => one.trim().startsWith("application/json"));
  const parameters = new Set((first ?? "").split(";").map((one) => one.trim()));
  return aggregated.split(";").every((one) => parameters.has(one));
}

function allInOne(request: ServerRequest, kinds: readonly Kind[], part: "core" | "groups"): Reply {
  const body = JSON.stringify(aggregatedDiscovery(kinds, part));
  return taggedReply(request, { body, contentType: `application/json;${aggregated}` });
}

function document(value: object | undefined): Reply | undefined {
  return value && { kind: "object", status: 200, value };
}
