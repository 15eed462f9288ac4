import { once } from "node:events";
import { createSecureServer, type Http2SecureServer, type Http2Session } from "node:http2";
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { BerthError, type Disposable, errorMessage, type Logger } from "@berth/base";
import type { KeyPair } from "./certificates.ts";
import { closeWhenIdle, endAborted, endSoon, hangUpOnEnded } from "./connection-ends.ts";
import { portUnavailable } from "./errors.ts";

export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** HTTP/2 hands out a class of its own with the same members; their overloads differ too much for a union. */
export type HttpResponse = ServerResponse;

export interface SecureServerOptions {
  /** For messages: "API server", "kubelet". */
  label: string;
  host: string;
  /** 0 chooses a free one. */
  port: number;
  serving: KeyPair;
  /** PEM; client certificates must come from it to count. Nobody is turned away at the TLS level. */
  clientAuthority: string;
  logger: Logger;
  handle(request: HttpRequest, response: HttpResponse): void | Promise<void>;
  /** HTTP/1.1 upgrades (WebSocket, SPDY); without it they are refused. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The whole answer to what is no HTTP/1.1 request (400), or one with too many headers (431); a bare one without it. */
  unreadable?(code: 400 | 431): string;
  limits?: Partial<ServerLimits>;
}

export interface ServerLimits {
  /** Bytes of a request's header block. */
  headerBytes: number;
  /** For the TLS handshake, and then from the first byte to the end of the headers. */
  headersTimeoutMs: number;
  /** Of a connection without a request. */
  idleTimeoutMs: number;
  /** Requests at once on one HTTP/2 connection. */
  streamsPerConnection: number;
}

const defaultLimits: ServerLimits = {
  headerBytes: 64 * 1024,
  headersTimeoutMs: 30_000,
  idleTimeoutMs: 120_000,
  streamsPerConnection: 1000,
};

const bareAnswer = (code: keyof typeof STATUS_CODES): string =>
  `HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

const mostBetweenChecksMs = 5_000;
const keepAliveMs = 30_000;

/** How long open connections may finish what they do when the server stops. */
const goodbyeMs = 1_000;

/** One TLS port for HTTP/2, HTTP/1.1 and upgrades; asks for client certificates and leaves judging them to the caller. */
export class SecureServer implements Disposable {
  readonly label: string;
  readonly #options: SecureServerOptions;
  readonly #sessions = new Set<Http2Session>();
  readonly #sockets = new Set<Socket>();
  #server: Http2SecureServer | undefined;
  #identity: Pick<SecureServerOptions, "serving" | "clientAuthority">;
  #port = 0;

  constructor(options: SecureServerOptions) {
    this.label = options.label;
    this.#options = options;
    const { serving, clientAuthority } = options;
    this.#identity = { serving, clientAuthority };
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#port;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  async start(): Promise<void> {
    const { host, port, label } = this.#options;
    const { serving, clientAuthority } = this.#identity;
    const limits = { ...defaultLimits, ...this.#options.limits };
    const server = createSecureServer({
      allowHTTP1: true,
      requestCert: true,
      rejectUnauthorized: false,
      key: serving.key,
      cert: serving.certificate,
      ca: clientAuthority,
      minVersion: "TLSv1.2",
      settings: { maxConcurrentStreams: limits.streamsPerConnection },
      maxHeaderListPairs: 128,
      maxHeaderSize: limits.headerBytes,
      keepAliveTimeout: limits.idleTimeoutMs,
      handshakeTimeout: limits.headersTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: Math.min(limits.headersTimeoutMs, mostBetweenChecksMs),
      // A watch may run for hours; the filter chain has its own deadline for everything else.
      requestTimeout: 0,
      // A request that announces no body is spared the life of a stream: it has ended from the start.
      optimizeEmptyRequests: true,
    } as Parameters<typeof createSecureServer>[0]);
    this.#listen(server, limits.idleTimeoutMs);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause: NodeJS.ErrnoException) => {
        reject(new BerthError(portUnavailable, listenFailure(label, host, port, cause), { cause }));
      });
      server.listen(port, host, resolve);
    });
    const address = server.address();
    this.#port = typeof address === "object" && address ? address.port : port;
    this.#server = server;
    server.on("error", (error) => this.#options.logger.error(`${label}: ${errorMessage(error)}`));
  }

  #listen(server: Http2SecureServer, idleMs: number): void {
    const { logger, label } = this.#options;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // A peer that vanished without a word is noticed although nothing is said to it.
      socket.setKeepAlive(true, keepAliveMs);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    const hangUps = hangUpOnEnded(idleMs);
    server.on("secureConnection", hangUps.watch);
    server.on("close", hangUps.stop);
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.once("close", () => this.#sessions.delete(session));
      closeWhenIdle(session, idleMs);
      endAborted(session);
      session.on("error", (error) => logger.debug(`${label}: connection failed`, { error: error.message }));
    });
    server.on("tlsClientError", (error: Error, socket: Socket) => {
      logger.debug(`${label}: TLS handshake failed`, { error: error.message });
      // After a handshake that took too long nobody else does it.
      socket.destroy();
    });
    server.on("request", (request: HttpRequest, answer: unknown) => {
      const response = answer as HttpResponse;
      response.on("error", (error) => logger.debug(`${label}: answer failed`, { error: error.message }));
      void this.#serve(request, response);
    });
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
      // What still comes after the answer is no news.
      if (socket.writableEnded) return;
      logger.debug(`${label}: no HTTP`, { error: error.message });
      const code = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
      if (error.code === "ECONNRESET" || !socket.writable) socket.destroy(error);
      else endSoon(socket, this.#options.unreadable?.(code) ?? bareAnswer(code));
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on("error", (error) => logger.debug(`${label}: upgrade failed`, { error: error.message }));
      if (this.#options.upgrade) this.#options.upgrade(request, socket, head);
      else socket.end(bareAnswer(400));
    });
  }

  async #serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    try {
      await this.#options.handle(request, response);
    } catch (error) {
      // Handlers answer their own errors; what arrives here is a defect, and its text stays in the log.
      this.#options.logger.error(`${this.label}: ${request.method} ${request.url}: ${errorMessage(error)}`, {
        stack: error instanceof Error ? error.stack : undefined,
      });
      if (!response.headersSent) response.statusCode = 500;
      response.end();
    }
  }

  /** New connections use what is given here; open ones keep what they have. */
  rotate(serving: KeyPair, clientAuthority: string): void {
    const before = this.#identity;
    if (before.serving.certificate === serving.certificate && before.clientAuthority === clientAuthority)
      return;
    this.#identity = { serving, clientAuthority };
    this.#server?.setSecureContext({ key: serving.key, cert: serving.certificate, ca: clientAuthority });
    this.#options.logger.info(`${this.label}: new connections are served with a renewed certificate`);
  }

  async dispose(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const session of this.#sessions) session.close();
    (server as unknown as { closeIdleConnections?(): void }).closeIdleConnections?.();
    const timer = setTimeout(() => this.#cut(), goodbyeMs);
    await closed;
    clearTimeout(timer);
    const closing = [...this.#sockets].map((socket) => once(socket, "close"));
    this.#cut();
    await Promise.all(closing);
  }

  #cut(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function listenFailure(label: string, host: string, port: number, cause: NodeJS.ErrnoException): string {
  const why =
    cause.code === "EADDRINUSE"
      ? "another program listens there"
      : cause.code === "EACCES"
        ? "this user may not listen there"
        : cause.code === "EADDRNOTAVAIL"
          ? "this machine has no such address"
          : cause.message;
  return `the ${label} cannot listen on ${host}:${port}: ${why}`;
}
