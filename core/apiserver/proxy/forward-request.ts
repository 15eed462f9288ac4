import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { Logger } from "@berth/base";
import type { HttpResponse } from "../../http/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";

/** How long a server that requests are handed on to may take to accept a connection. */
export const connectMs = 10_000;

/** Headers that belong to one connection and are not handed on. */
const hopHeaders: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "host",
  "authorization",
]);

export interface ForwardParts {
  readonly unreachable: (error: unknown) => Error;
  readonly logger: Logger;
  /** What a redirection is called on the caller's side. */
  readonly location?: (location: string) => string;
  /** What an answer that is none becomes, where the caller shall not see it as it is; `text` is its beginning. */
  readonly refused?: (status: number, text: string) => Error;
}

const mostRefusalBytes = 50_000;

/**
 * Hands a request on and its answer back, streamed as it comes. The caller's credentials stay here, and what he says of
 * other users.
 * @throws what `unreachable` makes of the error when there is no answer, and `refused` of one that is not 2xx
 */
export async function forwardRequest(
  { headers, ...options }: Omit<RequestOptions, "headers"> & { readonly headers?: OutgoingHttpHeaders },
  request: ServerRequest,
  response: HttpResponse,
  { unreachable, logger, location, refused }: ForwardParts,
): Promise<Reply> {
  const isPlain = options.protocol === "http:";
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = (isPlain ? httpRequest : httpsRequest)({
      ...options,
      method: request.method,
      headers: { ...passedHeaders(request.headers), ...headers },
      timeout: connectMs,
      agent: false,
    });
    outgoing.on("response", resolve);
    outgoing.on("error", (error) => reject(unreachable(error)));
    outgoing.on("socket", (socket) =>
      socket.once(isPlain ? "connect" : "secureConnect", () => outgoing.setTimeout(0)),
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no connection within ${connectMs / 1000} s`)));
    response.on("close", () => outgoing.destroy());
    if (request.body.kind === "bytes" && request.method !== "GET") request.body.stream().pipe(outgoing);
    else outgoing.end();
  });
  const status = answer.statusCode ?? 502;
  if (refused && (status < 200 || status > 299)) throw refused(status, await beginningOf(answer));
  response.statusCode = status;
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && !hopHeaders.has(name)) response.setHeader(name, value);
  const { location: elsewhere } = answer.headers;
  if (location && elsewhere !== undefined) response.setHeader("location", location(elsewhere));
  answer.on("error", (error) => logger.debug("an answer handed on broke off", { error: error.message }));
  answer.on("close", () => response.end());
  response.flushHeaders();
  answer.pipe(response);
  return { kind: "taken" };
}

async function beginningOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= mostRefusalBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, mostRefusalBytes).toString("utf8").trim();
}

function passedHeaders(headers: ServerRequest["headers"]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const isOurs = name.startsWith("impersonate-") || name.startsWith("x-remote-");
    if (value === undefined || hopHeaders.has(name) || name.startsWith(":") || isOurs) continue;
    passed[name] = value;
  }
  return passed;
}
