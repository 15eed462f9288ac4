/**
 * How Node runs the core. V8 lets the space for what is new grow to 128 MB when much of it stays, as open watches do, and that
 * counts against the node's memory; with 32 MB requests and events cost the same processor time.
 */
export const coreFlags: readonly string[] = ["--max-semi-space-size=16"];
