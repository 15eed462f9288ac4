import type { Readable } from "node:stream";
import { errorMessage } from "@berth/base";
import { statusOf } from "./channels.ts";
import type { RemoteSession } from "./remote-session.ts";

export type OutputName = "stdout" | "stderr";

/** One caller's connection, whatever it is spoken in. */
export interface CommandWire {
  /** Resolves when the caller has gone. */
  readonly gone: Promise<void>;
  /** Resolves when all of `output` was sent. */
  send(name: OutputName, output: Readable): Promise<void>;
  /** The last word: a Kubernetes Status object as JSON. */
  finish(status: string): void;
}

/** Carries one session over one connection until the command has ended and everything it wrote was sent. */
export async function serveRemoteCommand(session: RemoteSession, wire: CommandWire): Promise<void> {
  const outputs: readonly [OutputName, Readable | undefined][] = [
    ["stdout", session.stdout],
    ["stderr", session.stderr],
  ];
  const sent = Promise.all(outputs.map(async ([name, output]) => output && wire.send(name, output)));
  // Streams that are cut off when the caller goes are nobody's failure.
  sent.catch(() => undefined);
  try {
    const end = await Promise.race([endOf(session, sent), wire.gone]);
    if (!end) return session.abandon();
    wire.finish(statusOf(end));
  } catch (error) {
    wire.finish(statusOf({ message: errorMessage(error) }));
  }
}

async function endOf(session: RemoteSession, sent: Promise<unknown>): Promise<{ exitCode: number }> {
  const end = await session.exit;
  await sent;
  return end;
}

/** A session that could not be opened, told over the stream: there is no other way any more. */
export async function openOrFail(open: () => Promise<RemoteSession>): Promise<RemoteSession> {
  try {
    return await open();
  } catch (error) {
    const exit = Promise.reject(error);
    // Looked at once the caller's streams are there, which is later than now.
    exit.catch(() => undefined);
    return { stdin: undefined, stdout: undefined, stderr: undefined, exit, resize() {}, abandon() {} };
  }
}
