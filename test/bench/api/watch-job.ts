export interface WatchJob {
  readonly host: string;
  readonly port: number;
  /** Files in PEM. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly path: string;
  readonly watches: number;
  /** HTTP/2 connections that share the watches. */
  readonly connections: number;
}
