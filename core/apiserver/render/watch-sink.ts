import type { HttpResponse } from "../../http/index.ts";

/** Where a watch's frames go. */
export interface WatchSink {
  /** Takes all of them. @returns false when the client has to catch up first; the reader is told when it has */
  write(frames: readonly Buffer[]): boolean;
  end(last?: Buffer): void;
  /** Gives the client up, with what is still on its way. */
  cut(): void;
  tell(reader: SinkReader): void;
}

/** Who wants to know what becomes of what he wrote. */
export interface SinkReader {
  drained(): void;
  closed(): void;
}

/** The frames as lines of one answer. */
export class ResponseSink implements WatchSink {
  readonly #response: HttpResponse;

  constructor(response: HttpResponse) {
    this.#response = response;
  }

  write(frames: readonly Buffer[]): boolean {
    return this.#response.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  end(last?: Buffer): void {
    if (!this.#response.writableEnded) this.#response.end(last);
  }

  cut(): void {
    cutAnswer(this.#response);
  }

  tell(reader: SinkReader): void {
    this.#response.on("drain", () => reader.drained());
    this.#response.on("close", () => reader.closed());
  }
}

const cancelled = 8;

/** Of HTTP/2 the stream alone; of HTTP/1.1 the connection. */
export function cutAnswer(response: HttpResponse): void {
  const { stream } = response as { stream?: { close(code: number): void } };
  if (stream) stream.close(cancelled);
  else response.destroy();
}
