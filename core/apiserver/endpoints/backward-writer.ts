/**
 * Writes protobuf's wire format from its end: by the time a length is told, what it is the length of is there. Whoever
 * writes the fields of a message therefore begins with the last one.
 */
export class BackwardWriter {
  #bytes: Buffer;
  #at: number;

  constructor(expectedBytes = 1024) {
    this.#bytes = Buffer.allocUnsafe(expectedBytes);
    this.#at = expectedBytes;
  }

  /** What has been written, and nothing of the room beside it. */
  done(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#at));
  }

  text(number: number, value: string): void {
    const length = Buffer.byteLength(value);
    this.#makeRoom(length);
    this.#at -= length;
    this.#bytes.write(value, this.#at, length);
    this.#head(number, length);
  }

  /** @param value no negative one */
  integer(number: number, value: number): void {
    this.#varint(value);
    this.#varint(number * 8);
  }

  double(number: number, value: number): void {
    this.#makeRoom(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
    this.#varint(number * 8 + 1);
  }

  /** A message within the message; `write` leaves its fields. */
  nested(number: number, write: () => void): void {
    const end = this.#bytes.length - this.#at;
    write();
    this.#head(number, this.#bytes.length - this.#at - end);
  }

  #head(number: number, length: number): void {
    this.#varint(length);
    this.#varint(number * 8 + 2);
  }

  #varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.#makeRoom(size);
    this.#at -= size;
    let rest = value;
    for (let at = this.#at; at < this.#at + size; at++) {
      const isLast = at === this.#at + size - 1;
      this.#bytes[at] = isLast ? rest : (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
  }

  #makeRoom(size: number): void {
    if (this.#at >= size) return;
    const used = this.#bytes.length - this.#at;
    const grown = Buffer.allocUnsafe(2 * this.#bytes.length + size);
    this.#bytes.copy(grown, grown.length - used, this.#at);
    this.#bytes = grown;
    this.#at = grown.length - used;
  }
}
