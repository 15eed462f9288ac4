import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { errorMessage } from "@berth/base";
import type { WebSocket } from "ws";
import { channel, frame, parseResize, statusOf } from "./channels.ts";
import type { RemoteSession } from "./remote-session.ts";

/** Bytes that may wait in a slow reader's connection before the command's output is held back. */
const highWaterBytes = 1024 * 1024;
const normalClosure = 1000;

/** Carries one session over one WebSocket until the command has ended and everything it wrote was sent. */
export async function serveRemoteCommand(socket: WebSocket, session: RemoteSession): Promise<void> {
  socket.on("message", (data) => receive(asBuffer(data), session));
  const gone = new Promise<"gone">((resolve) => socket.once("close", () => resolve("gone")));
  // An empty message tells the caller that the stream has begun.
  for (const [number, stream] of outputs(session)) if (stream) socket.send(frame(number, ""));
  const sent = Promise.all(outputs(session).map(([number, stream]) => send(socket, number, stream)));
  // Streams that are cut off when the caller goes are nobody's failure.
  sent.catch(() => undefined);
  try {
    const end = await Promise.race([finish(session, sent), gone]);
    if (end === "gone") return session.abandon();
    socket.send(frame(channel.error, statusOf(end)));
  } catch (error) {
    socket.send(frame(channel.error, statusOf({ message: errorMessage(error) })));
  }
  socket.close(normalClosure);
}

function outputs(session: RemoteSession): [number, Readable | undefined][] {
  return [
    [channel.stdout, session.stdout],
    [channel.stderr, session.stderr],
  ];
}

async function finish(session: RemoteSession, sent: Promise<unknown>): Promise<{ exitCode: number }> {
  const end = await session.exit;
  await sent;
  return end;
}

async function send(socket: WebSocket, number: number, stream: Readable | undefined): Promise<void> {
  if (!stream) return;
  stream.on("data", (bytes: Buffer) => {
    socket.send(frame(number, bytes), () => {
      if (stream.isPaused() && socket.bufferedAmount < highWaterBytes) stream.resume();
    });
    if (socket.bufferedAmount >= highWaterBytes) stream.pause();
  });
  await finished(stream, { writable: false });
}

function receive(message: Buffer, session: RemoteSession): void {
  const [number] = message;
  const payload = message.subarray(1);
  if (number === channel.stdin) session.stdin?.write(payload);
  else if (number === channel.close && payload[0] === channel.stdin) session.stdin?.end();
  else if (number === channel.resize) {
    const size = parseResize(payload);
    if (size) session.resize(size);
  }
}

function asBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
