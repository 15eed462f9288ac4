export interface LoadJob {
  readonly host: string;
  readonly port: number;
  /** Files in PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly kind: "get" | "create";
  readonly path: string;
  /** Of the names that creates give. */
  readonly prefix: string;
  readonly valueBytes: number;
  readonly clients: number;
  /** Ends at whichever comes first. */
  readonly seconds: number;
  readonly requestsPerClient: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Milliseconds, one for each answered request. */
  readonly latencies: readonly number[];
  readonly failed: number;
}
