import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectPlain } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Random } from "./random.ts";
import type { Place } from "./target.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const json = "Content-Type: application/json";
const watch = `GET ${maps}?watch=true&resourceVersion=0 HTTP/1.1\r\nHost: x\r\n\r\n`;

/** What is written to a connection before it is given up in one way or another. */
const beginnings: readonly (string | Buffer)[] = [
  `POST ${maps} HTTP/1.1\r\nHost: x\r\n${json}\r\nContent-Length: 500\r\n\r\n{"api`,
  `POST ${maps} HTTP/1.1\r\nHost: x\r\n${json}\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n{`,
  `POST ${maps} HTTP/1.1\r\nHost: x\r\n${json}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `POST ${maps} HTTP/1.1\r\nHost: x\r\n${json}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}`,
  `GET ${maps} HTTP/1.1\r\n`,
  "GET /\u0000 HTTP/1.1\r\n\r\n",
  `GET ${maps} HTTP/9.9\r\n\r\n`,
  "nonsense\r\n\r\n",
  `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}\r\n\r\n`,
  `GET ${maps}/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  `GET /api/v1/namespaces/default/pods/a/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`,
  watch,
  watch.repeat(20),
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from("ffffff040000000000", "hex")]),
];

/** A client that hangs up in the middle, in one of the ways that clients do. */
export async function abuse(place: Place, random: Random): Promise<void> {
  if (random.chance(0.1)) return withoutTls(place, random);
  if (random.chance(0.2)) return http2(place, random);
  const { port, ca, cert, key } = place;
  const ALPNProtocols = random.chance(0.2) ? ["h2"] : ["http/1.1"];
  const wire = connectPlain({ host: "127.0.0.1", port });
  const socket: TLSSocket = connect({ socket: wire, host: "127.0.0.1", ca, cert, key, ALPNProtocols });
  for (const end of [wire, socket]) end.on("error", () => {});
  await until(socket, "secureConnect", "close");
  const beginning = random.pick(beginnings);
  const end = random.below(3);
  if (socket.destroyed) return;
  socket.write(beginning);
  if (end === 0) socket.end();
  else if (end === 1) wire.resetAndDestroy();
  if (end === 2) await new Promise((resolve) => setImmediate(resolve));
  socket.resume();
  const late = setTimeout(() => socket.destroy(), 50);
  if (!socket.closed) await until(socket, "close");
  clearTimeout(late);
}

/** Streams that are given up before, in or after their bodies, and a connection that goes with all of them open. */
async function http2({ port, ca, cert, key }: Place, random: Random): Promise<void> {
  const wire = connect({ host: "127.0.0.1", port, ca, cert, key, ALPNProtocols: ["h2"] });
  const session = connectHttp2(`https://127.0.0.1:${port}`, { createConnection: () => wire });
  for (const end of [wire, session]) end.on("error", () => {});
  await until(session, "connect", "close");
  if (session.destroyed) return;
  for (let count = 1 + random.below(5); count > 0; count--) {
    const [method, path] = random.chance(0.5) ? ["POST", maps] : ["GET", `${maps}?watch=true`];
    const stream = session.request(
      { ":method": method, ":path": path, "content-type": "application/json" },
      { endStream: false },
    );
    stream.on("error", () => {});
    stream.resume();
    stream.write('{"api');
    const end = random.below(3);
    if (end === 0) stream.end();
    else if (end === 1) stream.close(random.below(14));
  }
  // A session that was closed before it is destroyed waits for the other side to hang up.
  const late = setTimeout(() => wire.destroy(), 50);
  if (random.chance(0.5)) session.close();
  if (!session.closed || !session.destroyed) await until(session, "close");
  clearTimeout(late);
}

async function withoutTls({ port }: Place, random: Random): Promise<void> {
  const socket = connectPlain({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  socket.end(random.bytes(100));
  socket.resume();
  if (!socket.closed) await until(socket, "close");
}

/** An error is an end like any other here: whether the server lives is asked of it afterwards. */
async function until(emitter: NodeJS.EventEmitter, ...events: readonly string[]): Promise<void> {
  await Promise.race(events.map((event) => once(emitter, event))).catch(() => {});
}
