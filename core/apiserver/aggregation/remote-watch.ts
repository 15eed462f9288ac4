import type { IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { errorMessage } from "@berth/base";
import { decodeJson, deepFreeze, isJsonObject, linesOf } from "../../api/index.ts";
import type { EventsReply } from "../request/request.ts";
import { isStatusError, serviceUnavailable } from "../request/status-error.ts";
import type { InProcessEvent } from "../server/in-process-front.ts";
import { longestAnswer, openRemote, readAnswer, refusal } from "./remote-server.ts";

/** How long a server may take to begin. */
const beginMs = 30_000;
/** A server that went without a word is noticed although nothing is said to it. */
const keepAliveMs = 30_000;

/** Another server's watch for a caller of this process: he is given its events as they come. */
export async function watchRemote(
  options: RequestOptions,
  asked: AbortSignal,
  unreachable: (error: unknown) => Error,
): Promise<EventsReply> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error("it took too long to begin")), beginMs);
  const signal = AbortSignal.any([asked, late.signal]);
  let answer: IncomingMessage;
  try {
    answer = await openRemote({ ...options, signal }, undefined);
    if (answer.statusCode !== 200) throw refusal(await readAnswer(answer));
  } catch (error) {
    throw isStatusError(error) ? error : unreachable(error);
  } finally {
    clearTimeout(timer);
  }
  answer.socket.setKeepAlive(true, keepAliveMs);
  return { kind: "events", follow: (stop) => events(answer, stop) };
}

/** Ends with the server's end of it, or when the signal aborts. @throws StatusError */
async function* events(answer: IncomingMessage, stop: AbortSignal): AsyncGenerator<InProcessEvent> {
  const onStop = (): void => void answer.destroy();
  stop.addEventListener("abort", onStop, { once: true });
  try {
    for await (const line of linesOf(answer as AsyncIterable<Buffer>, longestAnswer)) yield eventOf(line);
  } catch (error) {
    if (stop.aborted) return;
    throw isStatusError(error)
      ? error
      : serviceUnavailable(`a watch of another server broke off: ${errorMessage(error)}`);
  } finally {
    stop.removeEventListener("abort", onStop);
    answer.destroy();
  }
}

const changes: ReadonlySet<unknown> = new Set(["ADDED", "MODIFIED", "DELETED"]);

function eventOf(line: string): InProcessEvent {
  const { value } = decodeJson(line, { maxBytes: longestAnswer, maxDepth: 200 });
  const { type, object } = (isJsonObject(value) ? value : {}) as { type?: unknown; object?: unknown };
  if (!isJsonObject(object)) throw new Error("an event has no object");
  if (type === "ERROR") throw refusal({ status: Number(object["code"] ?? 500), value: object });
  if (type === "BOOKMARK") {
    const { resourceVersion = "" } = (object["metadata"] ?? {}) as { resourceVersion?: string };
    return { type, resourceVersion };
  }
  if (!changes.has(type)) throw new Error(`an event is ${JSON.stringify(type)}`);
  return { type, object: deepFreeze(object) } as InProcessEvent;
}
