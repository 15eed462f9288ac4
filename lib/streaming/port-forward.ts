import type { Duplex } from "node:stream";
import { errorMessage } from "@berth/base";
import type { PortDialer } from "./remote-session.ts";
import type { SpdyStream } from "./spdy/spdy-stream.ts";

/**
 * Takes the streams of a port-forward. For every connection the caller opens two of one request id: `error`, on which a
 * failure is told, and `data`.
 */
export function forwardPorts(dialer: PortDialer): (stream: SpdyStream) => void {
  const waiting = new Map<string, SpdyStream>();
  return (stream) => {
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
  };
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
