import { HeaderCodec } from "./header-codec.ts";
import {
  controlFrame,
  decodeHeaders,
  encodeHeaders,
  flag,
  frameType,
  numbers,
  type SpdyFrame,
  takeFrame,
} from "./protocol.ts";
import { SpdyStream } from "./spdy-stream.ts";

const maxStreams = 1024;

/**
 * The server's side of one SPDY connection over any carrier of bytes. Flow control windows are neither announced nor
 * heeded: the clients of Kubernetes do neither, and waiting for them would wait for ever. The carrier holds back instead.
 */
export class SpdyConnection {
  readonly #send: (frame: Buffer) => Promise<void>;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #buffer: Buffer = Buffer.alloc(0);
  #turn: Promise<void> = Promise.resolve();

  constructor(send: (frame: Buffer) => Promise<void>, onStream: (stream: SpdyStream) => void) {
    this.#send = send;
    this.#onStream = onStream;
  }

  /** Bytes from the other side, in order. Rejects when they are no SPDY/3.1. */
  receive(bytes: Buffer): Promise<void> {
    const turn = this.#turn.then(() => this.#take(bytes));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.destroy();
    this.#streams.clear();
    this.#codec.dispose();
  }

  async #take(bytes: Buffer): Promise<void> {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    for (let taken = takeFrame(this.#buffer); taken; taken = takeFrame(this.#buffer)) {
      this.#buffer = taken.rest;
      await this.#handle(taken.frame);
    }
  }

  async #handle(frame: SpdyFrame): Promise<void> {
    if (frame.kind === "data") return this.#data(frame.streamId, frame.flags, frame.payload);
    if (frame.type === frameType.synStream) return this.#open(frame.flags, frame.payload);
    if (frame.type === frameType.ping) return this.#send(controlFrame(frameType.ping, 0, frame.payload));
    if (frame.type === frameType.rstStream) {
      const id = frame.payload.readUInt32BE(0);
      this.#streams.get(id)?.destroy();
      this.#streams.delete(id);
    } else if (frame.type === frameType.goAway) {
      for (const stream of this.#streams.values()) stream.push(null);
    }
  }

  #data(id: number, flags: number, payload: Buffer): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    if (payload.length > 0) stream.push(payload);
    if ((flags & flag.fin) !== 0) stream.push(null);
  }

  async #open(flags: number, payload: Buffer): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff;
    const priorityBytes = 10;
    const headers = decodeHeaders(await this.#codec.decompress(payload.subarray(priorityBytes)));
    if (this.#streams.size >= maxStreams) {
      const refusedStream = 3;
      return this.#send(controlFrame(frameType.rstStream, 0, numbers(id, refusedStream)));
    }
    const stream = new SpdyStream(id, headers, this.#send);
    stream.on("error", () => stream.destroy());
    stream.once("close", () => this.#streams.delete(id));
    this.#streams.set(id, stream);
    const reply = await this.#codec.compress(encodeHeaders({}));
    await this.#send(controlFrame(frameType.synReply, 0, Buffer.concat([numbers(id), reply])));
    if ((flags & flag.fin) !== 0) stream.push(null);
    this.#onStream(stream);
  }
}
