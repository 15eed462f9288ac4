import type { HttpResponse } from "../../http/index.ts";

/** Where a watch's frames go. */
export interface WatchSink {
  /** Takes all of them. @returns false when the client has to catch up first; `drained` tells when it has */
  write(frames: readonly Buffer[]): boolean;
  end(last?: Buffer): void;
  /** Gives the client up, with what is still on its way. */
  cut(): void;
  onDrained(drained: () => void): void;
  onClosed(closed: () => void): void;
}

/** The frames as lines of one answer. */
export function responseSink(response: HttpResponse): WatchSink {
  return {
    write: (frames) => response.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames)),
    end: (last) => {
      if (!response.writableEnded) response.end(last);
    },
    cut: () => cutAnswer(response),
    onDrained: (drained) => response.on("drain", drained),
    onClosed: (closed) => response.on("close", closed),
  };
}

const cancelled = 8;

/** Of HTTP/2 the stream alone; of HTTP/1.1 the connection. */
export function cutAnswer(response: HttpResponse): void {
  const { stream } = response as { stream?: { close(code: number): void } };
  if (stream) stream.close(cancelled);
  else response.destroy();
}
