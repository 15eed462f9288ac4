import { BerthError } from "@berth/base";
import { malformedObject } from "../errors/decode-error.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads protobuf's wire format from part of a buffer; anything cut short is refused. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Number and wire type of the next field. */
  tag(): { number: number; wire: number } {
    const tag = Number(this.varint() & 0xffff_ffffn);
    return { number: tag >>> 3, wire: tag & 7 };
  }

  /** Unsigned; BigInt.asIntN gives the signed value. */
  varint(): bigint {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 127) << shift;
      if (byte < 128) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    return fail("a number has more than ten bytes");
  }

  double(): number {
    const at = this.#take(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 8).getFloat64(0, true);
  }

  bytes(): Uint8Array {
    const length = Number(this.varint());
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch {
      return fail("a string is not UTF-8 text");
    }
  }

  message(): WireReader {
    return new WireReader(this.bytes());
  }

  /** Passes over a field that is not known. */
  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.#take(8);
    else if (wire === 2) this.bytes();
    else if (wire === 5) this.#take(4);
    else fail(`wire type ${wire} is not supported`);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #take(count: number): number {
    if (!(count <= this.#end - this.#at)) fail("the message ends in the middle of a field");
    this.#at += count;
    return this.#at - count;
  }
}

export function fail(why: string): never {
  throw new BerthError(malformedObject, `the body is not valid protobuf: ${why}`);
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
