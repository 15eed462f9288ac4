import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock, Logger } from "@berth/base";
import { authenticate, anonymous, bearerToken, type TokenAuthenticator } from "../authn/authenticator.ts";
import { isLongRunning } from "../filters/in-flight.ts";
import {
  type ClientIdentity,
  type HttpRequest,
  type HttpResponse,
  identityOfSocket,
  readBody,
} from "../../http/index.ts";
import { requestInfo } from "../request/request-info.ts";
import type { Handler, ServerRequest } from "../request/request.ts";
import { type StatusError, timedOut, tooLarge, unauthorized } from "../request/status-error.ts";
import { toStatusError } from "../request/to-status-error.ts";
import { type ReplyWriter, writeError, writeReply } from "../render/write-reply.ts";

/** How long anything but a watch or a stream may take. */
const usualDeadlineMs = 60_000;
const longestUrl = 16 * 1024;

/** Paths that may be asked without saying who one is. */
const publicPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version"]);

export interface HttpFrontParts {
  readonly handler: Handler;
  readonly tokens: readonly TokenAuthenticator[];
  readonly writer: ReplyWriter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Requests that came over HTTPS, on their way into the filter chain and out again. */
export class HttpFront {
  readonly #parts: HttpFrontParts;
  /** A connection's certificate does not change, and reading it is dear. */
  readonly #identities = new WeakMap<object, ClientIdentity>();
  readonly #responses = new WeakMap<ServerRequest, HttpResponse>();

  constructor(parts: HttpFrontParts) {
    this.#parts = parts;
  }

  /** The connection of a request, for handlers that answer by themselves. */
  readonly responseOf = (request: ServerRequest): HttpResponse | undefined => {
    const response = this.#responses.get(request);
    if (request.auditId !== undefined) response?.setHeader("Audit-Id", request.auditId);
    return response;
  };

  async handle(incoming: HttpRequest, response: HttpResponse): Promise<void> {
    const id = auditId(incoming);
    const gone = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the caller went away"));
    });
    const headers = incoming.headers as ServerRequest["headers"];
    try {
      const request = await this.#request(incoming, gone, id);
      this.#responses.set(request, response);
      const reply = await this.#withDeadline(request, gone);
      await writeReply(reply, request, response, this.#parts.writer);
    } catch (error) {
      if (gone.signal.aborted && response.closed) return;
      const what = `${incoming.method} ${pathOf(incoming)}`;
      await writeError(toStatusError(error, this.#parts.logger, what), { headers, auditId: id }, response);
    }
  }

  /** HTTP/1.1 upgrades; errors are answered as plain HTTP before the connection is given up. */
  async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    socket.on("close", () => gone.abort(new Error("the caller went away")));
    try {
      const request = {
        ...(await this.#request(incoming, gone)),
        upgrade: { request: incoming, socket, head },
      };
      await this.#parts.handler(request);
    } catch (error) {
      const status = toStatusError(error, this.#parts.logger, `upgrade ${pathOf(incoming)}`);
      socket.end(plainAnswer(status));
    }
  }

  async #request(
    incoming: HttpRequest,
    gone: AbortController,
    id = auditId(incoming),
  ): Promise<ServerRequest> {
    const url = incoming.url ?? "/";
    if (url.length > longestUrl) throw tooLarge("the URL is too long");
    const at = url.indexOf("?");
    const path = at < 0 ? url : url.slice(0, at);
    const query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
    const headers = incoming.headers as ServerRequest["headers"];
    const method = incoming.method ?? "GET";
    return {
      method,
      path,
      query,
      headers,
      info: requestInfo(method, path, query),
      body: {
        kind: "bytes",
        contentType: headers["content-type"] ?? "",
        read: (limit) => readBody(incoming, limit),
        stream: () => incoming,
      },
      signal: gone.signal,
      remoteAddress: incoming.socket.remoteAddress ?? "",
      warnings: [],
      ...(await this.#user(incoming, path)),
      auditId: id,
    };
  }

  async #user(incoming: HttpRequest, path: string): Promise<Pick<ServerRequest, "user" | "refusal">> {
    const outcome = await authenticate(
      { certificate: this.#identity(incoming), bearer: bearerToken(incoming.headers.authorization) },
      this.#parts.tokens,
    );
    if (outcome.kind === "user") return { user: outcome.user };
    if (outcome.kind === "anonymous" && publicPaths.has(path)) return { user: anonymous };
    if (outcome.kind === "refused")
      this.#parts.logger.info(`authentication refused: ${outcome.reason}`, { path });
    const why = outcome.kind === "refused" ? `Unauthorized: ${outcome.reason}` : "Unauthorized";
    return { user: anonymous, refusal: unauthorized(why) };
  }

  #identity(incoming: HttpRequest): ClientIdentity {
    const socket = "stream" in incoming ? incoming.stream.session?.socket : incoming.socket;
    if (!socket) return { kind: "none" };
    const key = "stream" in incoming ? (incoming.stream.session as object) : socket;
    let identity = this.#identities.get(key);
    if (!identity) this.#identities.set(key, (identity = identityOfSocket(realSocket(incoming))));
    return identity;
  }

  async #withDeadline(request: ServerRequest, gone: AbortController): ReturnType<Handler> {
    const { handler, clock } = this.#parts;
    if (isLongRunning(request)) return handler(request);
    const seconds = Number(/^(\d+)s?$/.exec(request.query.get("timeout") ?? "")?.[1] ?? 0);
    const ms = seconds > 0 ? Math.min(seconds * 1000, usualDeadlineMs) : usualDeadlineMs;
    let timer: { cancel(): void } | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = clock.after(
        ms,
        () => {
          const error = timedOut("the server was unable to return a response in the time allotted");
          gone.abort(error);
          reject(error);
        },
        { background: true },
      );
    });
    try {
      return await Promise.race([handler(request), late]);
    } finally {
      timer?.cancel();
    }
  }
}

/** An error as HTTP/1.1 text, for connections that are given up with it. */
export function plainAnswer(error: StatusError): string {
  const body = JSON.stringify(error.toStatus());
  const head = `HTTP/1.1 ${error.code} ${error.reason}\r\nContent-Type: application/json`;
  return `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

/** HTTP/2 hands out a proxy of the socket that is no TLSSocket; the session's own has what is needed. */
function realSocket(incoming: HttpRequest): unknown {
  if (!("stream" in incoming)) return incoming.socket;
  return incoming.stream.session?.socket;
}

function auditId(incoming: HttpRequest): string {
  const asked = incoming.headers["audit-id"];
  return typeof asked === "string" && /^[\w-]{1,64}$/.test(asked) ? asked : crypto.randomUUID();
}

function pathOf(incoming: HttpRequest): string {
  return (incoming.url ?? "").split("?", 1)[0]!;
}
