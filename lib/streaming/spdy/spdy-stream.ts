import { Duplex } from "node:stream";
import { dataFrame, flag } from "./protocol.ts";

/** Large enough to be few, small enough that other streams get their turn. */
const maxDataBytes = 32 * 1024;

/** One stream that the other side opened. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #send: (frame: Buffer) => Promise<void>;

  constructor(id: number, headers: Readonly<Record<string, string>>, send: (frame: Buffer) => Promise<void>) {
    super({ allowHalfOpen: true });
    this.id = id;
    this.headers = headers;
    this.#send = send;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    void settle(this.#sendAll(bytes), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    void settle(this.#send(dataFrame(this.id, flag.fin, Buffer.alloc(0))), callback);
  }

  async #sendAll(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length; start += maxDataBytes) {
      await this.#send(dataFrame(this.id, 0, bytes.subarray(start, start + maxDataBytes)));
    }
  }
}

async function settle(sending: Promise<void>, callback: (error?: Error | null) => void): Promise<void> {
  let failure: Error | null = null;
  try {
    await sending;
  } catch (error) {
    failure = error as Error;
  }
  callback(failure);
}
