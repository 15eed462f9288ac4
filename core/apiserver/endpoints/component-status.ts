import { CachedObject } from "../cache/cached-object.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import { methodNotAllowed, notFound } from "../request/status-error.ts";
import { kinds } from "../../api/index.ts";
import { type HealthCheck, outcome } from "./health.ts";

const kind = kinds.byResource("", "v1", "componentstatuses")!;

/** The server's own checks as `kubectl get componentstatuses` shows them: asked when somebody does, stored nowhere. */
export async function componentStatus(
  request: ServerRequest,
  { verb, name }: ResourceRequest,
  checks: readonly HealthCheck[],
): Promise<Reply> {
  if (verb !== "get" && verb !== "list")
    throw methodNotAllowed("the server does not allow this method on the requested resource");
  request.warnings.push("v1 ComponentStatus is deprecated in v1.19+");
  const chosen = name === "" ? checks : checks.filter((one) => one.name === name);
  const items = await Promise.all(chosen.map(async (one) => statusOf(one.name, await outcome(one))));
  if (name === "") return { kind: "list", of: kind, revision: 0, items };
  if (!items[0]) throw notFound(kind, name);
  return { kind: "stored", status: 200, of: kind, object: items[0] };
}

/** Unlike health, which anybody may ask for, it says why: roles decide who reads it. */
function statusOf(name: string, problem: string | undefined): CachedObject {
  const condition =
    problem === undefined
      ? { type: "Healthy", status: "True", message: "ok" }
      : { type: "Healthy", status: "False", error: problem };
  const object = { apiVersion: "v1", kind: "ComponentStatus", metadata: { name }, conditions: [condition] };
  return new CachedObject(name, "", name, 0, Buffer.from(JSON.stringify(object)));
}
