import type { RequestOptions } from "node:https";
import { isJsonObject } from "../../api/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import { askRemote, refusal, type RemoteAnswer } from "./remote-server.ts";

/** How long a server may take to answer a caller of this process. */
const answerMs = 30_000;

/**
 * Asks another server for a caller of this process, who has no connection that could be handed on: he is given the answer
 * whole.
 */
export async function answerWhole(
  options: RequestOptions,
  path: string,
  request: ServerRequest,
  unreachable: (error: unknown) => Error,
): Promise<Reply> {
  const { method, body } = request;
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
  if (answer.status >= 400) throw refusal(answer);
  const { status, value: object } = answer;
  return { kind: "object", status, value: isJsonObject(object) ? object : {} };
}
