import { randomBytes } from "node:crypto";

/** Makes `traceparent` headers (W3C Trace Context, version 00), each for a trace of its own. */
export class TraceSource {
  readonly #prefix: string;
  #next = 1;

  /** One source per host: its random prefix keeps traces of two hosts apart without a random read for each call. */
  constructor(prefix: string = randomBytes(8).toString("hex")) {
    this.#prefix = prefix;
  }

  next(): string {
    const number = (this.#next++).toString(16).padStart(16, "0");
    return `00-${this.#prefix}${number}-${number}-01`;
  }
}
