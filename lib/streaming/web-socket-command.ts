import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { WebSocket } from "ws";
import { channel, frame, parseResize } from "./channels.ts";
import { type CommandWire, openOrFail, serveRemoteCommand } from "./remote-command.ts";
import type { RemoteSession } from "./remote-session.ts";

/** Bytes that may wait in a slow reader's connection before the command's output is held back. */
const highWaterBytes = 1024 * 1024;
const normalClosure = 1000;

/** A command over WebSocket: each message begins with the byte of its channel. */
export async function serveWebSocketCommand(
  socket: WebSocket,
  open: () => Promise<RemoteSession>,
): Promise<void> {
  // What the caller sends before the command has begun waits in its connection.
  socket.pause();
  const session = await openOrFail(open);
  socket.on("message", (data) => receive(asBuffer(data), session));
  const wire: CommandWire = {
    gone: new Promise((resolve) => socket.once("close", () => resolve())),
    send: (name, output) => send(socket, channel[name], output),
    finish(status) {
      socket.send(frame(channel.error, status));
      socket.close(normalClosure);
    },
  };
  const served = serveRemoteCommand(session, wire);
  socket.resume();
  await served;
}

async function send(socket: WebSocket, number: number, stream: Readable): Promise<void> {
  // An empty message tells the caller that the stream has begun.
  socket.send(frame(number, ""));
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
