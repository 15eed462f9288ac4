import type { RequestOptions } from "node:https";
import { isJsonObject, type JsonObject } from "../../api/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import { serviceUnavailable, StatusError } from "../request/status-error.ts";
import { askRemote, type RemoteAnswer } from "./remote-server.ts";

/** How long a server may take to answer a caller of this process. */
const answerMs = 30_000;

/**
 * Asks another server for a caller of this process, who has no connection that could be handed on: he is given the answer
 * whole. What he cannot do in this way, watching, is not among the verbs that he is shown.
 */
export async function answerWhole(
  options: RequestOptions,
  path: string,
  request: ServerRequest,
  unreachable: (error: unknown) => Error,
): Promise<Reply> {
  const { method, body, info } = request;
  if (info.verb === "watch")
    throw serviceUnavailable("what another server serves is watched through HTTPS alone");
  const value = body.kind === "object" ? body.value : undefined;
  const sent = value === undefined ? undefined : JSON.stringify(value);
  const headers = {
    ...(options.headers as Record<string, string>),
    ...(sent === undefined
      ? {}
      : { "Content-Type": body.contentType, "Content-Length": Buffer.byteLength(sent) }),
  };
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(answerMs)]);
  let answer: RemoteAnswer;
  try {
    answer = await askRemote({ ...options, method, path, headers, signal }, sent);
  } catch (error) {
    throw unreachable(error);
  }
  const { status } = answer;
  const object = isJsonObject(answer.value) ? answer.value : {};
  if (status >= 400) throw refusal(status, object);
  return {
    kind: "object",
    status,
    value: object["kind"] === "APIResourceList" ? withoutWatch(object) : object,
  };
}

function refusal(status: number, { reason, message }: JsonObject): StatusError {
  const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
  const why = text(message, `the server answered with ${status}`);
  return new StatusError(status, text(reason, "InternalError"), why);
}

function withoutWatch(list: JsonObject): JsonObject {
  const resources = (list["resources"] ?? []) as { verbs?: string[] }[];
  const seen = resources.map((one) => ({
    ...one,
    verbs: one.verbs?.filter((verb) => verb !== "watch") ?? [],
  }));
  return { ...list, resources: seen };
}
