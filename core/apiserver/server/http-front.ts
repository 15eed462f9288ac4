import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock, Logger } from "@berth/base";
import { parseDuration } from "../../api/index.ts";
import {
  anonymous,
  authenticateCertificate,
  authenticateToken,
  type AuthenticationOutcome,
  type TokenAuthenticator,
} from "../authn/authenticator.ts";
import { type BearerToken, bearerToken } from "../authn/bearer-token.ts";
import { isLongRunning } from "../filters/in-flight.ts";
import {
  type ClientIdentity,
  type HttpRequest,
  type HttpResponse,
  identityAt,
  identityOfSocket,
  readBody,
} from "../../http/index.ts";
import { requestInfo } from "../request/request-info.ts";
import type { Handler, Reply, ServerRequest } from "../request/request.ts";
import { badRequest, type StatusError, timedOut, tooLarge, unauthorized } from "../request/status-error.ts";
import { toStatusError } from "../request/to-status-error.ts";
import { cutAnswer } from "../render/watch-sink.ts";
import { asksForWebSocket, webSocketSink } from "../render/web-socket-sink.ts";
import { type ReplyWriter, watchRendering, writeError, writeReply } from "../render/write-reply.ts";

/** How long anything but a watch or a stream may take. */
const usualDeadlineMs = 60_000;
const longestUrl = 16 * 1024;

/** Of all requests without a query; nobody may add to it. */
const nothingAsked = new URLSearchParams();

/** Paths that may be asked without saying who one is. */
const publicPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz"]);

/** What a connection shows of its caller: a certificate, which stays the same, and a token, which seldom changes. */
interface Shown {
  readonly identity: ClientIdentity;
  readonly outcome: AuthenticationOutcome;
  authorization?: string | undefined;
  token?: BearerToken | undefined;
}

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
  readonly #shown = new WeakMap<object, Shown>();
  /** All of a UUID but its last 12 digits. */
  readonly #idPrefix = crypto.randomUUID().slice(0, -12);
  #lastId = 0;

  constructor(parts: HttpFrontParts) {
    this.#parts = parts;
  }

  async handle(incoming: HttpRequest, response: HttpResponse): Promise<void> {
    const id = this.#auditId(incoming);
    const gone = new AbortController();
    let taken = (): void => {};
    let whenAnswered = (): void => {};
    response.on("close", () => {
      taken();
      whenAnswered();
      if (!response.writableFinished) gone.abort(new Error("the caller went away"));
    });
    const headers = incoming.headers as ServerRequest["headers"];
    let reply: Reply | undefined;
    let request: ServerRequest | undefined;
    try {
      const answered = (done: () => void): void => {
        if (response.closed) done();
        else whenAnswered = done;
      };
      request = await this.#request(incoming, gone, id, answered, response);
      reply = await this.#withDeadline(request, gone);
      await writeReply(reply, request, response, this.#parts.writer);
    } catch (error) {
      if (gone.signal.aborted && response.closed) return;
      const what = `${incoming.method} ${pathOf(incoming)}`;
      const asked = request ?? { headers, auditId: id };
      await writeError(toStatusError(error, this.#parts.logger, what), asked, response);
    }
    const { writer } = this.#parts;
    if (reply?.kind !== "watch" && reply?.kind !== "taken" && !response.writableFinished && !response.closed)
      taken = writer.waitsFor(response.writableLength, () => cutAnswer(response));
    // What is still to come of an answered request is not waited for without end.
    if (!hasArrived(incoming))
      incoming.once(
        "close",
        writer.waitsFor(0, () => cutRequest(incoming)),
      );
  }

  /** HTTP/1.1 upgrades. What there is nothing else to be said about is answered as the plain request that it is, too. */
  async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const id = this.#auditId(incoming);
    const gone = new AbortController();
    let taken = (): void => {};
    socket.on("close", () => {
      taken();
      gone.abort(new Error("the caller went away"));
    });
    const { writer } = this.#parts;
    const plain = (): HttpResponse => {
      const response = new ServerResponse(incoming);
      response.shouldKeepAlive = false;
      response.assignSocket(socket as Socket);
      response.once("finish", () => socket.end());
      return response;
    };
    const headers = incoming.headers as ServerRequest["headers"];
    try {
      const request = {
        ...(await this.#request(incoming, gone, id, (done) => void socket.once("close", done))),
        upgrade: { request: incoming, socket, head },
      };
      const reply = await this.#withDeadline(request, gone);
      if (reply.kind === "watch" && asksForWebSocket(incoming)) {
        const rendering = watchRendering(request);
        writer.watches.start(reply, await webSocketSink(incoming, socket, head), rendering);
      } else if (reply.kind !== "taken") {
        await writeReply(reply, request, plain(), writer);
        if (reply.kind !== "watch") taken = writer.waitsFor(socket.writableLength, () => socket.destroy());
      }
    } catch (error) {
      if (socket.destroyed) return;
      const status = toStatusError(error, this.#parts.logger, `upgrade ${pathOf(incoming)}`);
      await writeError(status, { headers, auditId: id }, plain());
    }
  }

  async #request(
    incoming: HttpRequest,
    gone: AbortController,
    id: string,
    onAnswered: (done: () => void) => void,
    response?: HttpResponse,
  ): Promise<ServerRequest> {
    const url = incoming.url ?? "/";
    if (url.length > longestUrl) throw tooLarge("the URL is too long");
    const at = url.indexOf("?");
    const path = at < 0 ? url : url.slice(0, at);
    const query = at < 0 ? nothingAsked : new URLSearchParams(url.slice(at + 1));
    const headers = incoming.headers as ServerRequest["headers"];
    const method = incoming.method ?? "GET";
    const shown = this.#shownBy(incoming);
    // Certificate first, then the token.
    let outcome = this.#certified(shown);
    const token = outcome.kind === "user" ? undefined : tokenOf(shown, headers["authorization"]);
    if (token) outcome = await authenticateToken(token, this.#parts.tokens);
    const { user, refusal } = this.#caller(outcome, path);
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
      user,
      refusal,
      auditId: id,
      onAnswered,
      response,
    };
  }

  #caller(outcome: AuthenticationOutcome, path: string): Pick<ServerRequest, "user" | "refusal"> {
    if (outcome.kind === "user") return { user: outcome.user };
    if (outcome.kind === "anonymous" && publicPaths.has(path)) return { user: anonymous };
    if (outcome.kind === "refused")
      this.#parts.logger.info(`authentication refused: ${outcome.reason}`, { path });
    const why = outcome.kind === "refused" ? `Unauthorized: ${outcome.reason}` : "Unauthorized";
    return { user: anonymous, refusal: unauthorized(why) };
  }

  #shownBy(incoming: HttpRequest): Shown {
    const connection = "stream" in incoming ? incoming.stream.session : incoming.socket;
    const known = connection && this.#shown.get(connection);
    if (known) return known;
    const identity = identityOfSocket(realSocket(incoming));
    const shown: Shown = { identity, outcome: authenticateCertificate(identity) };
    if (connection) this.#shown.set(connection, shown);
    return shown;
  }

  #certified({ identity, outcome }: Shown): AuthenticationOutcome {
    const now = identityAt(identity, this.#parts.clock.now());
    return now === identity ? outcome : authenticateCertificate(now);
  }

  #withDeadline(request: ServerRequest, gone: AbortController): Promise<Reply> {
    const { handler, clock } = this.#parts;
    if (isLongRunning(request)) return handler(request);
    // One promise that the first of both settles: a race makes several more for each request.
    return new Promise((resolve, reject) => {
      const late = (): void => {
        const error = timedOut("the server was unable to return a response in the time allotted");
        gone.abort(error);
        reject(error);
      };
      const timer = clock.after(deadlineMs(request.query.get("timeout")), late, { background: true });
      const inTime =
        <T>(settle: (outcome: T) => void) =>
        (outcome: T): void => {
          timer.cancel();
          settle(outcome);
        };
      handler(request).then(inTime(resolve), inTime(reject));
    });
  }

  /** Unlike any other, here and elsewhere: it need not be a secret. */
  #auditId(incoming: HttpRequest): string {
    const asked = incoming.headers["audit-id"];
    if (typeof asked === "string" && /^[\w-]{1,64}$/.test(asked)) return asked;
    return this.#idPrefix + (++this.#lastId).toString(16).padStart(12, "0");
  }
}

function tokenOf(shown: Shown, header: string | undefined): BearerToken | undefined {
  if (shown.authorization === header) return shown.token;
  shown.authorization = header;
  return (shown.token = bearerToken(header));
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

/** @throws StatusError 400 for what is no duration */
function deadlineMs(asked: string | null): number {
  if (asked === null || asked === "") return usualDeadlineMs;
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1000 : parseDuration(asked);
  if (ms === undefined) {
    const why = `time: invalid duration ${JSON.stringify(asked)}`;
    throw badRequest(`invalid timeout specified in the request URL - ${why}`);
  }
  return ms <= 0 ? usualDeadlineMs : Math.min(ms, usualDeadlineMs);
}

function hasArrived(incoming: HttpRequest): boolean {
  if (!("stream" in incoming)) return incoming.complete;
  return incoming.stream.endAfterHeaders || incoming.stream.readableEnded || incoming.stream.destroyed;
}

function cutRequest(incoming: HttpRequest): void {
  if ("stream" in incoming) incoming.stream.close(0);
  else incoming.socket.destroy();
}

function pathOf(incoming: HttpRequest): string {
  return (incoming.url ?? "").split("?", 1)[0]!;
}
