import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { errorMessage, type Logger } from "@berth/base";
import type { WebSocket } from "ws";
import { SpdyConnection } from "./spdy-connection.ts";
import type { SpdyStream } from "./spdy-stream.ts";

/** What SPDY frames travel in. */
export interface Carrier {
  readonly gone: Promise<void>;
  send(frame: Buffer): Promise<void>;
  onBytes(listener: (bytes: Buffer) => void): void;
  /** After what was sent has gone out. */
  end(): void;
}

/** The name that clients ask for and are answered with when a connection leaves HTTP. */
export const spdyUpgrade = "SPDY/3.1";

/** Serves the streams that the other side opens. Resolves when it has gone. */
export async function carrySpdy(
  carrier: Carrier,
  onStream: (stream: SpdyStream) => void,
  log: Logger,
): Promise<void> {
  const connection = new SpdyConnection((frame) => carrier.send(frame), onStream);
  carrier.onBytes((bytes) => {
    connection.receive(bytes).catch((error: unknown) => {
      log.warn("a stream was ended: its client does not speak SPDY/3.1", { error: errorMessage(error) });
      carrier.end();
    });
  });
  await carrier.gone;
  connection.close();
}

/** kubectl's way: frames in the messages of a WebSocket. */
export function webSocketCarrier(socket: WebSocket): Carrier {
  const normalClosure = 1000;
  return {
    gone: new Promise((resolve) => socket.once("close", () => resolve())),
    send: (frame) =>
      new Promise((resolve, reject) => socket.send(frame, (error) => (error ? reject(error) : resolve()))),
    onBytes: (listener) => void socket.on("message", (message) => listener(message as Buffer)),
    end: () => socket.close(normalClosure),
  };
}

/**
 * The way of clients from before WebSocket: frames on the connection itself, one of `protocols` agreed on in headers.
 * Undefined when the client knows none of them.
 */
export function upgradedCarrier(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocols: readonly string[],
): Carrier | undefined {
  const offered = String(request.headers["x-stream-protocol-version"] ?? "").split(/\s*,\s*/);
  const protocol = protocols.find((name) => offered.includes(name));
  if (protocol === undefined) return undefined;
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Connection: Upgrade",
    `Upgrade: ${spdyUpgrade}`,
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  socket.on("error", () => socket.destroy());
  return {
    gone: new Promise((resolve) => socket.once("close", () => resolve())),
    send: (frame) =>
      new Promise((resolve, reject) => {
        socket.write(frame, (error) => (error ? reject(error) : resolve()));
      }),
    onBytes: (listener) => void socket.on("data", listener),
    end: () => void socket.end(),
  };
}
