/** One request of a scenario. In path, headers and body `{ns}` is the scenario's namespace, `{NAME}` what was taken before. */
export interface Exchange {
  /** GET without a body, POST with one, when it is absent. */
  readonly method?: string;
  readonly path: string;
  /** A text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Content type of the body; application/json when it is absent. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before it: the real server learns some things, as new rights, a moment later. */
  readonly pause?: number;
  /** Asked again, for 30 seconds at most, until this is the status: policies take effect a moment after they are made. */
  readonly until?: number;
  /** By name: members of the answer, as `metadata.uid` or `items.0.metadata.name`, for exchanges that follow. */
  readonly take?: Readonly<Record<string, string>>;
  /** Made one after the other as soon as the answer begins, which is a watch's and goes on; theirs are not compared. */
  readonly during?: readonly Exchange[];
  /** How many lines of a watch are read before it is left; all there are when it is absent. */
  readonly lines?: number;
  /** Headers of the answer that are compared too. */
  readonly shows?: readonly string[];
}

/** Requests that build on each other, in a namespace of their own that has the service account `default`. */
export interface Scenario {
  /** Unique in its area; the namespace is called after it. */
  readonly name: string;
  readonly exchanges: readonly Exchange[];
  /** Why our answers are other ones, on purpose: they are not compared then. */
  readonly differs?: string;
}

/** What is compared of an answer. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Of the `Warning` header, in order. */
  readonly warnings?: readonly string[];
  /** Those that the exchange shows; null for one that is missing. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** JSON, the list of its lines for a watch, or text. */
  readonly body: unknown;
}
