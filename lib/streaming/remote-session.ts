import type { Duplex, Readable, Writable } from "node:stream";
import type { TerminalSize } from "./channels.ts";

/** A running command, or a container that somebody attached to: what a streaming connection carries to and fro. */
export interface RemoteSession {
  /** Undefined when the caller did not ask for it. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** Settles when it has ended; its output streams end before or soon after. */
  readonly exit: Promise<{ exitCode: number }>;
  resize(size: TerminalSize): void;
  /** The caller has gone. */
  abandon(): void;
}

/** Opens a connection to a port of a pod. */
export interface PortDialer {
  dial(port: number): Promise<Duplex>;
}
