import {
  aggregatedDiscovery,
  apiGroup,
  coreVersions,
  groupList,
  type Kind,
  resourceList,
} from "../../api/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";

const aggregated = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** /api, /apis and below, down to the list of resources of a version; undefined when there is no such document. */
export function discoveryReply(request: ServerRequest, kinds: readonly Kind[]): Reply | undefined {
  const [root, first, second, ...more] = request.path.split("/").filter((part) => part !== "");
  if (more.length > 0) return undefined;
  if (first === undefined) {
    if (wantsAggregated(request.headers["accept"]))
      return allInOne(kinds, root === "api" ? "core" : "groups");
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

function allInOne(kinds: readonly Kind[], part: "core" | "groups"): Reply {
  return {
    kind: "bytes",
    status: 200,
    contentType: `application/json;${aggregated}`,
    body: JSON.stringify(aggregatedDiscovery(kinds, part)),
    headers: { Vary: "Accept" },
  };
}

function document(value: object | undefined): Reply | undefined {
  return value && { kind: "object", status: 200, value };
}
