/**
 * Opens watches in a process of its own and prints, for every event, how long the last of them waited for it.
 * Arguments: job as JSON. Prints `ready`, then one number a line: milliseconds from the epoch at which the last
 * watcher had the event. Speaks HTTP/2 (RFC 9113) by hand, no more of it than watches need: a thousand clients on the
 * processors that the server needs must cost less than the server.
 */
import { readFileSync } from "node:fs";
import type { TcpNetConnectOpts } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { WatchJob } from "./watch-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as WatchJob;
const credentials = {
  ca: readFileSync(job.authority),
  cert: readFileSync(job.certificate),
  key: readFileSync(job.key),
};
const types = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 };
const acknowledged = 1;
const endOfStream = 1;
const endOfHeaders = 4;
const headBytes = 9;
const largestWindow = 2 ** 31 - 1;
/** Every connection reads into this one: what came is looked at before anything else is read. */
const arrived = Buffer.alloc(64 * 1024);

let open = 0;
let heard = 0;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Settings and a window in which nothing ever has to wait. */
function greeting(): Buffer {
  const initialWindowSize = Buffer.alloc(6);
  initialWindowSize.writeUInt16BE(4);
  initialWindowSize.writeUInt32BE(largestWindow, 2);
  const more = Buffer.alloc(4);
  more.writeUInt32BE(largestWindow - 0xffff);
  return Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    frame(types.settings, 0, 0, initialWindowSize),
    frame(types.windowUpdate, 0, 0, more),
  ]);
}

/** `GET`, `https`, path and authority in HPACK (RFC 7541): two entries of the static table, two values for names in it. */
function watchRequest(stream: number): Buffer {
  const block = Buffer.concat([Buffer.from([0x82, 0x87]), literal(4, job.path), literal(1, "bench")]);
  return frame(types.headers, endOfStream | endOfHeaders, stream, block);
}

/** @param value of less than 127 characters */
function literal(name: number, value: string): Buffer {
  return Buffer.concat([Buffer.from([name, value.length]), Buffer.from(value)]);
}

function take(socket: TLSSocket, type: number, flags: number, payload: Buffer): void {
  if (type === types.data) hear(payload);
  else if (type === types.headers) answered(payload);
  else if (type === types.settings && !(flags & acknowledged))
    socket.write(frame(types.settings, acknowledged, 0, Buffer.alloc(0)));
  else if (type === types.ping && !(flags & acknowledged))
    socket.write(frame(types.ping, acknowledged, 0, payload));
  else if (type === types.reset || type === types.goAway) fail("a watch was ended");
}

const statusIs200 = 0x88;

function answered(block: Buffer): void {
  if (block[0] !== statusIs200) fail("a watch was refused");
  if (++open === job.watches) process.stdout.write("ready\n");
}

/** One line is one event. */
function hear(payload: Buffer): void {
  for (let at = payload.indexOf(10); at >= 0; at = payload.indexOf(10, at + 1)) heard++;
  if (heard < job.watches) return;
  heard -= job.watches;
  process.stdout.write(`${performance.timeOrigin + performance.now()}\n`);
}

function fail(why: string): void {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

/** So many at once fit into the backlog of a listening socket. */
const handshakes = 100;
let made = 0;

function connectNext(): void {
  if (made++ >= job.connections) return;
  let rest: Buffer = Buffer.alloc(0);
  const read = (size: number): boolean => {
    const bytes = Buffer.concat([rest, arrived.subarray(0, size)]);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const end = at + headBytes + bytes.readUIntBE(at, 3);
      if (bytes.length < end) break;
      take(socket, bytes[at + 3]!, bytes[at + 4]!, bytes.subarray(at + headBytes, end));
      at = end;
    }
    rest = bytes.subarray(at);
    return true;
  };
  const options: ConnectionOptions & TcpNetConnectOpts = {
    host: job.host,
    port: job.port,
    ...credentials,
    ALPNProtocols: ["h2"],
    onread: { buffer: arrived, callback: read },
  };
  const socket = connect(options);
  socket.setNoDelay(true);
  socket.on("error", (error) => fail(error.message));
  socket.on("secureConnect", () => {
    const watches = Array.from({ length: job.watches / job.connections }, (_, index) =>
      watchRequest(2 * index + 1),
    );
    socket.write(Buffer.concat([greeting(), ...watches]));
    connectNext();
  });
}

for (let first = 0; first < handshakes; first++) connectNext();
process.stdin.on("end", () => process.exit());
process.stdin.resume();
