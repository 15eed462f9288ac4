import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Logger } from "@berth/base";
import { parseResize } from "../channels.ts";
import { openOrFail, serveRemoteCommand } from "../remote-command.ts";
import type { RemoteSession } from "../remote-session.ts";
import { type Carrier, carrySpdy } from "./carrier.ts";
import type { SpdyStream } from "./spdy-stream.ts";

/** Newest that SPDY clients know. */
export const spdyCommandProtocols = ["v4.channel.k8s.io"] as const;

/** How long a client may take to open the streams it asked for. */
const openingMs = 30_000;

/** How long a client may take to end the connection after it has been told all. */
const lingeringMs = 10_000;

/** A command over SPDY: the client opens one stream for each of stdin, stdout, stderr, resize and the end's status. */
export async function serveSpdyCommand(
  carrier: Carrier,
  offer: { readonly streams: readonly string[]; open: () => Promise<RemoteSession> },
  log: Logger,
): Promise<void> {
  const streams = new Map<string, SpdyStream>();
  const complete = Promise.withResolvers<true>();
  const session = Promise.withResolvers<RemoteSession>();
  const carried = carrySpdy(
    carrier,
    (stream) => {
      const type = stream.headers["streamtype"] ?? "";
      streams.set(type, stream);
      if (type === "resize") onResize(stream, session.promise);
      if (["error", ...offer.streams].every((name) => streams.has(name))) complete.resolve(true);
    },
    log,
  );
  const timer = setTimeout(() => carrier.end(), openingMs);
  const isComplete = await Promise.race([complete.promise, carried]);
  clearTimeout(timer);
  if (!isComplete) return;
  const opened = await openOrFail(offer.open);
  session.resolve(opened);
  if (opened.stdin) streams.get("stdin")?.pipe(opened.stdin);
  await serveRemoteCommand(opened, {
    gone: carried,
    send: (name, output) => pass(output, streams.get(name)),
    finish(status) {
      const errors = streams.get("error")!;
      // The client drops what it has not read yet when the connection ends before it ends it itself.
      const linger = setTimeout(() => carrier.end(), lingeringMs);
      void carried.finally(() => clearTimeout(linger));
      for (const [name, stream] of streams) if (name !== "error") stream.end();
      errors.end(status);
    },
  });
}

async function pass(output: Readable, stream: SpdyStream | undefined): Promise<void> {
  if (stream) await finished(output.pipe(stream), { readable: false });
}

/** One JSON object a line. */
function onResize(stream: SpdyStream, session: Promise<RemoteSession>): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!.slice(0, 256);
    const size = lines.map((line) => parseResize(Buffer.from(line))).findLast((one) => one !== undefined);
    if (size) void session.then((one) => one.resize(size));
  });
}
