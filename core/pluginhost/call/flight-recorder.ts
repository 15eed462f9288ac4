/** One call as the recorder keeps it. */
export interface RecordedCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** "csi.v1.Node/NodeStageVolume". */
  readonly verb: string;
  readonly incarnation: number;
  readonly milliseconds: number;
  /** OK or another gRPC status name. */
  readonly code: string;
  readonly detail: string;
  /** As sent, secrets in it; whoever shows it redacts it by the contract's own marks. */
  readonly request: unknown;
  readonly response: unknown;
}

/** The last calls to one plugin, kept by the host and therefore across the plugin's crashes. */
export class FlightRecorder {
  readonly #ring: (RecordedCall | undefined)[];
  #next = 0;

  constructor(size = 256) {
    this.#ring = Array.from<RecordedCall | undefined>({ length: size }).fill(undefined);
  }

  record(call: RecordedCall): void {
    this.#ring[this.#next % this.#ring.length] = call;
    this.#next++;
  }

  /** Oldest first. */
  list(): RecordedCall[] {
    const size = this.#ring.length;
    const from = Math.max(0, this.#next - size);
    return Array.from({ length: this.#next - from }, (_, index) => this.#ring[(from + index) % size]!);
  }
}
