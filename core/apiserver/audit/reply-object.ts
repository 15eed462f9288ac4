import { groupVersion, type JsonObject } from "../../api/index.ts";
import { asServed } from "../registry/versions.ts";
import type { Reply } from "../request/request.ts";

/** What an answer shows, for the audit log; undefined for what is no object. */
export function replyObject(reply: Reply): unknown {
  switch (reply.kind) {
    case "object":
      return reply.value;
    case "stored":
      return asServed(reply.of, reply.object.object<JsonObject>());
    case "list":
      return {
        kind: `${reply.of.kind}List`,
        apiVersion: groupVersion(reply.of),
        metadata: { resourceVersion: String(reply.revision) },
        items: reply.items.map((item) => asServed(reply.of, item.object<JsonObject>())),
      };
    default:
      return undefined;
  }
}
