import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { badRequest } from "../request/status-error.ts";
import type { WatchSink } from "./watch-sink.ts";

/** What a client of a watch has to say: nothing, and not much of it. */
const longestMessage = 4096;

export function asksForWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

/** The frames of a watch as messages, one for each. Resolves when the client may be written to. @throws StatusError 400 */
export async function webSocketSink(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<WatchSink> {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: longestMessage,
  });
  const webSocket = await new Promise<WebSocket>((resolve, reject) => {
    server.once("wsClientError", (error) => reject(badRequest(error.message)));
    server.handleUpgrade(request, socket, head, resolve);
  });
  webSocket.on("error", () => webSocket.terminate());
  return {
    write: (frames) => {
      for (const frame of frames) webSocket.send(frame, { binary: false });
      return !socket.writableNeedDrain;
    },
    end: (last) => {
      if (last) webSocket.send(last, { binary: false });
      webSocket.close(1000);
    },
    cut: () => webSocket.terminate(),
    tell: (reader) => {
      socket.on("drain", () => reader.drained());
      webSocket.on("close", () => reader.closed());
    },
  };
}
