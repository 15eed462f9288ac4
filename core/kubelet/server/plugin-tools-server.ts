import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorMessage, isBerthError, withNextStep } from "@berth/base";
import { type HttpRequest, type HttpResponse, readBody } from "../../http/index.ts";
import type { CallRequest, PluginTools } from "../../pluginhost/contracts/index.ts";
import type { KubeletRoute } from "./kubelet-routes.ts";

type PluginRoute = Extract<KubeletRoute, { kind: "plugin" }>;

const largestCall = 4 * 1024 ** 2;

/**
 * `/plugins/NAME/calls`, `…/calls?follow=true`, `…/logs` with GET, `…/call` and `…/debug` with POST: what changes something needs the
 * verb `create` on nodes/proxy. Refusals are a Status, as kubectl shows it.
 */
export async function servePluginTools(
  { plugin, tool }: PluginRoute,
  query: URLSearchParams,
  request: HttpRequest,
  response: HttpResponse,
  tools: PluginTools,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort(new Error("the caller has gone")));
  try {
    const method = tool === "calls" || tool === "logs" ? "GET" : "POST";
    if (request.method !== method)
      return answer(response, 405, { message: `${tool} is asked for with ${method}` });
    if (tool === "call") {
      const body = JSON.parse((await readBody(request, largestCall)).toString("utf8")) as CallRequest;
      return answerJson(response, await tools.call(plugin, body, gone.signal));
    }
    if (tool === "logs") {
      const text = tools.logs(plugin, logRequest(query), gone.signal);
      return await send(response, "text/plain", text, gone.signal);
    }
    if (tool === "debug") {
      const events = jsonLines(tools.debug(plugin, gone.signal));
      return await send(response, "application/x-ndjson", events, gone.signal);
    }
    if (query.get("follow") !== "true") return answerJson(response, tools.recording(plugin));
    return await send(
      response,
      "application/x-ndjson",
      jsonLines(tools.follow(plugin, gone.signal)),
      gone.signal,
    );
  } catch (error) {
    if (response.headersSent) return void response.end();
    if (isBerthError(error))
      answer(response, error.definition.http, { message: withNextStep(error), reason: error.code });
    else answer(response, error instanceof SyntaxError ? 400 : 500, { message: errorMessage(error) });
  }
}

function logRequest(query: URLSearchParams): { follow: boolean; incarnation?: number; tail?: number } {
  const number = (name: "incarnation" | "tail"): object => {
    const text = query.get(name);
    return text !== null && /^\d{1,9}$/.test(text) ? { [name]: Number(text) } : {};
  };
  return { follow: query.get("follow") === "true", ...number("incarnation"), ...number("tail") };
}

async function* jsonLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

/** What fails before the first word is thrown; later the answer just ends. */
async function send(
  response: HttpResponse,
  type: string,
  text: AsyncIterable<string>,
  gone: AbortSignal,
): Promise<void> {
  response.statusCode = 200;
  response.setHeader("content-type", type);
  (response as { flushHeaders?(): void }).flushHeaders?.();
  try {
    await pipeline(Readable.from(text), response as unknown as NodeJS.WritableStream, { signal: gone });
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

function answer(
  response: HttpResponse,
  code: number,
  { message, reason }: { message: string; reason?: string | undefined },
): void {
  response.statusCode = code;
  answerJson(response, { kind: "Status", apiVersion: "v1", status: "Failure", message, reason, code });
}

function answerJson(response: HttpResponse, body: object): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(body));
}
