import { randomBytes } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, type Disposable, errorMessage, type Logger, systemClock, type Timer } from "@berth/base";
import { WebSocketServer } from "ws";
import { remoteCommandProtocols } from "./channels.ts";
import { forwardPorts } from "./port-forward.ts";
import type { PortDialer, RemoteSession } from "./remote-session.ts";
import { carrySpdy, spdyUpgrade, upgradedCarrier, webSocketCarrier } from "./spdy/carrier.ts";
import { portForwardProtocols, portForwardTunnelProtocol } from "./spdy/protocol.ts";
import { serveSpdyCommand, spdyCommandProtocols } from "./spdy/spdy-command.ts";
import { serveWebSocketCommand } from "./web-socket-command.ts";

type Offer =
  | {
      kind: "exec" | "attach";
      /** Of stdin, stdout and stderr those that were asked for. */
      streams: readonly string[];
      open: () => Promise<RemoteSession>;
    }
  | { kind: "portforward"; dialer: PortDialer };

/** How long a URL that was handed out may wait for its caller. */
const offerLifetimeMs = 60_000;
const maxMessageBytes = 16 * 1024 * 1024;

/**
 * Serves what Exec, Attach and PortForward promise: each gets a URL with a secret that works once. It listens on a Unix
 * socket in a private folder, or on loopback for clients that can only speak TCP.
 */
export class StreamingServer implements Disposable {
  readonly label = "streaming server";
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #http: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #offers = new Map<string, { offer: Offer; timer: Timer }>();
  readonly #webSockets: WebSocketServer;
  readonly #tunnels = new WeakSet<IncomingMessage>();
  #base = "";
  #path: string | undefined;

  constructor(log: Logger, clock: Clock = systemClock) {
    this.#log = log;
    this.#clock = clock;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      handleProtocols: (offered) => remoteCommandProtocols.find((name) => offered.has(name)) ?? false,
    });
    this.#webSockets.on("headers", (headers, request) => {
      if (this.#tunnels.has(request)) headers.push(`Sec-WebSocket-Protocol: ${portForwardTunnelProtocol}`);
    });
    this.#http = createServer((_request, response) => {
      response
        .writeHead(426, { connection: "close" })
        .end("this address speaks WebSocket and SPDY/3.1 only\n");
    });
    this.#http.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** `address` is a socket's path, or "loopback" for a free port on 127.0.0.1. */
  async listen(address: string): Promise<void> {
    const where = address === "loopback" ? { host: "127.0.0.1", port: 0 } : { path: address };
    if (where.path !== undefined) rmSync(where.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(where, resolve);
    });
    if (where.path !== undefined) {
      chmodSync(where.path, 0o600);
      this.#path = where.path;
      this.#base = `unix://${where.path}:`;
    } else this.#base = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Where it listens, when that is a Unix socket. */
  get path(): string | undefined {
    return this.#path;
  }

  /** The URL for one call. */
  offer(offer: Offer): string {
    const token = randomBytes(16).toString("hex");
    const timer = this.#clock.after(offerLifetimeMs, () => this.#offers.delete(token), { background: true });
    this.#offers.set(token, { offer, timer });
    return `${this.#base}/${offer.kind}/${token}`;
  }

  async dispose(): Promise<void> {
    for (const { timer } of this.#offers.values()) timer.cancel();
    this.#offers.clear();
    for (const socket of this.#sockets) socket.destroy();
    this.#webSockets.close();
    if (this.#http.listening) await new Promise<void>((resolve) => this.#http.close(() => resolve()));
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const [, kind, token = ""] = new URL(request.url ?? "/", "http://localhost").pathname.split("/");
    const found = this.#offers.get(token);
    if (!found || found.offer.kind !== kind)
      return refuse(socket, "404 Not Found", "this address is not valid any more");
    const wanted = request.headers.upgrade?.toLowerCase();
    if (wanted !== "websocket" && wanted !== spdyUpgrade.toLowerCase()) {
      const reason = `streams are served as WebSocket or ${spdyUpgrade}, not ${wanted}`;
      return refuse(socket, "400 Bad Request", reason);
    }
    this.#offers.delete(token);
    found.timer.cancel();
    if (wanted === "websocket") this.#webSocket(request, socket, head, found.offer);
    else this.#spdy(request, socket, head, found.offer);
  }

  #spdy(request: IncomingMessage, socket: Duplex, head: Buffer, offer: Offer): void {
    const protocols = offer.kind === "portforward" ? portForwardProtocols : spdyCommandProtocols;
    const carrier = upgradedCarrier(request, socket, head, protocols);
    if (!carrier) {
      return refuse(
        socket,
        "403 Forbidden",
        `of X-Stream-Protocol-Version only ${protocols.join(", ")} is known`,
      );
    }
    const served =
      offer.kind === "portforward"
        ? carrySpdy(carrier, forwardPorts(offer.dialer), this.#log)
        : serveSpdyCommand(carrier, offer, this.#log);
    this.#end(served, offer, () => socket.destroy());
  }

  #webSocket(request: IncomingMessage, socket: Duplex, head: Buffer, offer: Offer): void {
    const { kind } = offer;
    // The tunnel's name has a slash in it, which no WebSocket library takes for a protocol: it is agreed on past it.
    if (kind === "portforward" && request.headers["sec-websocket-protocol"] === portForwardTunnelProtocol) {
      delete request.headers["sec-websocket-protocol"];
      this.#tunnels.add(request);
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => webSocket.terminate());
      const served =
        offer.kind === "portforward"
          ? carrySpdy(webSocketCarrier(webSocket), forwardPorts(offer.dialer), this.#log)
          : serveWebSocketCommand(webSocket, offer.open);
      this.#end(served, offer, () => webSocket.terminate());
    });
  }

  #end(served: Promise<void>, { kind }: Offer, cut: () => void): void {
    served.catch((error: unknown) => {
      this.#log.warn("a stream ended with an error", { kind, error: errorMessage(error) });
      cut();
    });
  }
}

function refuse(socket: Duplex, status: string, reason: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n${reason}\n`);
}
