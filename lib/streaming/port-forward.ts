import type { Duplex } from "node:stream";
import { errorMessage, type Logger } from "@berth/base";
import type { WebSocket } from "ws";
import type { PortDialer } from "./remote-session.ts";
import { SpdyConnection } from "./spdy/spdy-connection.ts";
import type { SpdyStream } from "./spdy/spdy-stream.ts";

/**
 * kubectl's port-forward: SPDY frames in WebSocket messages. For every connection the caller opens two streams of one
 * request id: `error`, on which a failure is told, and `data`.
 */
export async function serveTunnel(socket: WebSocket, dialer: PortDialer, log: Logger): Promise<void> {
  const waiting = new Map<string, SpdyStream>();
  const connection = new SpdyConnection(
    (frame) =>
      new Promise((resolve, reject) => socket.send(frame, (error) => (error ? reject(error) : resolve()))),
    (stream) => {
      const request = stream.headers["requestid"] ?? "";
      const other = waiting.get(request);
      if (!other) {
        waiting.set(request, stream);
        return;
      }
      waiting.delete(request);
      const isError = (one: SpdyStream): boolean => one.headers["streamtype"] === "error";
      const [errors, data] = isError(stream) ? [stream, other] : [other, stream];
      void forward(dialer, errors, data);
    },
  );
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("message", (message) => {
    connection.receive(message as Buffer).catch((error: unknown) => {
      log.warn("a port-forward was ended: its client does not speak SPDY/3.1", {
        error: errorMessage(error),
      });
      socket.close(1002);
    });
  });
  await gone;
  connection.close();
}

async function forward(dialer: PortDialer, errors: SpdyStream, data: SpdyStream): Promise<void> {
  const port = Number(data.headers["port"]);
  let target: Duplex;
  try {
    target = await dialer.dial(port);
  } catch (error) {
    errors.end(`port ${port} of the pod cannot be reached: ${errorMessage(error)}`);
    data.end();
    return;
  }
  // Nothing more can go wrong that the caller would be told; it waits for the end of this stream.
  errors.end();
  target.on("error", () => data.destroy());
  data.on("error", () => target.destroy());
  data.once("close", () => target.destroy());
  data.pipe(target);
  target.pipe(data);
}
