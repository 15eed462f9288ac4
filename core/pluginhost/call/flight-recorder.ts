import { Emitter, type Event } from "@berth/base";
import type { ServiceKey, Verb } from "@berth/verbs";
import type { RecordedCall } from "../contracts/plugin-tools.ts";
import type { CallRedaction } from "./call-redaction.ts";
import type { FlushRound } from "./flush-round.ts";
import type { LineRing } from "./line-ring.ts";

/** A call as it was made, secrets in it. */
export interface FinishedCall extends Omit<RecordedCall, "verb" | "request" | "response"> {
  readonly key: ServiceKey;
  readonly verb: Verb;
  readonly request: unknown;
  readonly response: unknown;
}

/** A call that is longer as JSON is kept without its messages. */
const longestLine = 256 * 1024;
/** So many wait for a flush at most; their messages are held as long. */
const mostPending = 32;

/**
 * The last calls to one plugin, in a file that a crash of the plugin or of the core leaves behind. What the contract
 * marks secret is taken out before a byte is written.
 */
export class FlightRecorder {
  readonly #redaction: CallRedaction;
  readonly #ring: LineRing;
  readonly #flushes: FlushRound;
  readonly #recorded = new Emitter<RecordedCall>();
  #pending: FinishedCall[] = [];

  readonly onDidRecord: Event<RecordedCall> = this.#recorded.event;

  constructor(redaction: CallRedaction, ring: LineRing, flushes: FlushRound) {
    this.#redaction = redaction;
    this.#ring = ring;
    this.#flushes = flushes;
  }

  /**
   * Never throws: what cannot be kept, on a full disk for one, is counted as lost. Written with the next round of
   * flushes: who made the call does not wait for it.
   */
  record(call: FinishedCall): void {
    const pending = this.#pending.push(call);
    if (pending === 1) this.#flushes.add(this);
    else if (pending >= mostPending) this.flush();
  }

  /** Hands what was recorded to the kernel; whoever reads the file while this host lives needs it. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    this.#ring.append(pending.map((call) => this.#toLine(call)));
  }

  /** Tells those who listen, too. */
  #toLine({ key, verb, request, response, ...rest }: FinishedCall): string {
    const redaction = this.#redaction.of(key, verb);
    const call: RecordedCall = {
      ...rest,
      verb: verb.name,
      request: redaction.request(request),
      response: redaction.response(response),
    };
    const line = JSON.stringify(call);
    if (this.#recorded.listenerCount > 0) this.#recorded.fire(readLine(line));
    return line.length <= longestLine
      ? line
      : JSON.stringify({ ...rest, verb: verb.name, tooLong: line.length });
  }

  /** An answer as the recorder would keep it. */
  redactResponse(key: ServiceKey, verb: Verb, response: unknown): unknown {
    return this.#redaction.of(key, verb).response(response);
  }

  /** Oldest first. */
  list(): RecordedCall[] {
    this.flush();
    return this.#ring.list().map(readLine);
  }

  /** Calls that could not be kept since this recorder was opened. */
  get lost(): number {
    this.flush();
    return this.#ring.lost;
  }

  close(): void {
    this.flush();
    this.#ring.close();
  }
}

/** Bytes were written the way Buffers write themselves, which costs a call the least; they are shown in base64. */
function readLine(line: string): RecordedCall {
  return JSON.parse(line, (_, value: unknown) =>
    isWrittenBuffer(value) ? Buffer.from(value.data).toString("base64") : value,
  ) as RecordedCall;
}

function isWrittenBuffer(value: unknown): value is { data: number[] } {
  if (typeof value !== "object" || value === null) return false;
  const { type, data, ...rest } = value as { type?: unknown; data?: unknown };
  return type === "Buffer" && Array.isArray(data) && Object.keys(rest).length === 0;
}
