import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import {
  constants,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { largestMessage, UnaryChannel } from "@berth/verbs";

let folder: string;
let path: string;
let channel: UnaryChannel;
const peers: { close(): void }[] = [];
const sockets = new Set<Socket>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-uc-"));
  path = join(folder, "a.sock");
  channel = new UnaryChannel(`unix://${path}`);
});
afterEach(async () => {
  channel.dispose();
  for (const peer of peers.splice(0)) peer.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await rm(folder, { recursive: true, force: true });
});

async function listen<Peer extends Server | Http2Server>(peer: Peer): Promise<Peer> {
  peers.push(peer);
  peer.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  peer.listen(path);
  await once(peer, "listening");
  return peer;
}

type Headers = Record<string, string | number | undefined>;

/** A peer that answers every call in the same way. */
function serving(answer: (stream: ServerHttp2Stream, headers: Headers) => void): Promise<Http2Server> {
  const server = createHttp2Server();
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    answer(stream, headers as Headers);
  });
  return listen(server);
}

function frame(message: string, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, Buffer.from(message)]);
}

/** Answers with these bytes and these trailers. */
function say(stream: ServerHttp2Stream, bytes: Buffer, trailers: Record<string, string>): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(bytes);
}

function call(options: { timeoutMs?: number; signal?: AbortSignal; message?: Uint8Array } = {}) {
  return channel.call({ path: "/a.B/C", message: Buffer.from("ping"), timeoutMs: Infinity, ...options });
}

const ok = { "grpc-status": "0" };
const unavailable = 14;

describe("a unary call", () => {
  it("sends one message with its deadline and headers, and gives the one that comes back", async () => {
    let seen: Headers = {};
    await serving((stream, headers) => {
      seen = headers;
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => say(stream, Buffer.concat(chunks), ok));
    });
    const answer = await channel.call({
      path: "/a.B/C",
      message: Buffer.from("ping"),
      timeoutMs: 1499.5,
      headers: { traceparent: "00-1-2-01" },
    });
    expect(answer.toString()).toBe("ping");
    expect(seen).toMatchObject({
      ":method": "POST",
      ":path": "/a.B/C",
      ":scheme": "http",
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-timeout": "1500m",
      traceparent: "00-1-2-01",
    });
  });

  it("takes an answer that comes in many pieces, and one of the largest size", async () => {
    const large = "x".repeat(largestMessage);
    await serving((stream) => say(stream, frame(large), ok));
    expect((await call()).equals(Buffer.from(large))).toBe(true);
  });

  it("fails with the server's status, words and trailers", async () => {
    const trailers = { "grpc-status": "5", "grpc-message": "no volume %C3%BC", "x-bin": "AQI=" };
    await serving((stream) => say(stream, Buffer.alloc(0), trailers));
    const failure = await call().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 5, details: "no volume ü" });
    expect((failure as { metadata: { get(name: string): unknown } }).metadata.get("x-bin")).toEqual([
      Buffer.of(1, 2),
    ]);
  });

  it("takes a status that comes with the headers", async () => {
    await serving((stream) =>
      stream.respond({ ":status": 200, "grpc-status": "12", "grpc-message": "100%" }, { endStream: true }),
    );
    await expect(call()).rejects.toMatchObject({ code: 12, details: "100%" });
  });

  it.each([
    [404, 12],
    [503, unavailable],
    [200, 13],
  ])("of HTTP status %i without a gRPC status fails with code %i", async (status, code) => {
    await serving((stream) => stream.respond({ ":status": status }, { endStream: true }));
    await expect(call()).rejects.toMatchObject({ code });
  });

  it.each([
    ["compressed", frame("pong", 1), /is compressed/],
    ["cut short", frame("pong").subarray(0, 7), /announces a message of 4 bytes and brings 2/],
    ["two messages", Buffer.concat([frame("pong"), frame("pong")]), /brings 13/],
    ["empty", Buffer.alloc(0), /said OK without a message/],
  ])("refuses an answer that is %s", async (_, bytes, words) => {
    await serving((stream) => say(stream, bytes, ok));
    await expect(call()).rejects.toMatchObject({
      code: 13,
      details: expect.stringMatching(words) as unknown,
    });
  });

  it("refuses what is too large, in both directions, and the connection stays", async () => {
    let calls = 0;
    await serving((stream) =>
      say(stream, frame(++calls === 1 ? "x".repeat(largestMessage + 1) : "pong"), ok),
    );
    await expect(call()).rejects.toMatchObject({
      code: 8,
      details: expect.stringMatching(/^the answer has/) as unknown,
    });
    const message = Buffer.alloc(largestMessage + 1);
    await expect(call({ message })).rejects.toMatchObject({
      code: 8,
      details: expect.stringMatching(/^the request has/) as unknown,
    });
    expect((await call()).toString()).toBe("pong");
    expect(sockets.size).toBe(1);
  });
});

describe("a call that is given up", () => {
  it("after its deadline says so, and the server hears of it", async () => {
    const ended = Promise.withResolvers<number>();
    await serving((stream) => stream.on("close", () => ended.resolve(stream.rstCode)));
    await expect(call({ timeoutMs: 30 })).rejects.toMatchObject({
      code: 4,
      details: "no answer within 30 ms",
    });
    expect(await ended.promise).toBe(constants.NGHTTP2_CANCEL);
  });

  it("by its caller says why, and the server hears of it", async () => {
    const ended = Promise.withResolvers<number>();
    const abort = new AbortController();
    await serving((stream) => {
      stream.on("close", () => ended.resolve(stream.rstCode));
      abort.abort(new Error("the pod is gone"));
    });
    const given = call({ signal: abort.signal });
    await expect(given).rejects.toMatchObject({ code: 1, details: "cancelled under way: the pod is gone" });
    expect(await ended.promise).toBe(constants.NGHTTP2_CANCEL);
    await expect(call({ signal: abort.signal })).rejects.toThrow("cancelled before it was sent");
  });
});

describe("a connection", () => {
  it("that cannot be made is told with its cause", async () => {
    await expect(call()).rejects.toMatchObject({
      code: unavailable,
      details: `no connection to unix://${path}: connect ENOENT ${path}`,
    });
  });

  it("that is lost fails the calls on it, and the next call dials again", async () => {
    let calls = 0;
    await serving((stream) => {
      if (++calls === 1) stream.session!.destroy();
      else say(stream, frame("pong"), ok);
    });
    await expect(call()).rejects.toMatchObject({
      code: unavailable,
      details: expect.stringContaining("ended before the answer") as unknown,
    });
    expect((await call()).toString()).toBe("pong");
  });

  it("that the server wants to end finishes its calls, and the next call dials again", async () => {
    let connections = 0;
    const server = await serving((stream) => {
      stream.session!.close();
      setImmediate(() => say(stream, frame("pong"), ok));
    });
    server.on("session", () => connections++);
    expect((await call()).toString()).toBe("pong");
    expect((await call()).toString()).toBe("pong");
    expect(connections).toBe(2);
  });

  it("is ready when the other side speaks HTTP/2, however late it comes", async () => {
    const ready = channel.ready(20_000);
    await serving((stream) => say(stream, frame("pong"), ok));
    await ready;
    expect(sockets.size).toBe(1);
    await channel.ready(20_000);
  });

  it.each([
    ["says nothing", (socket: Socket) => socket.resume(), /says nothing/],
    ["hangs up", (socket: Socket) => socket.destroy(), /ended the connection at once/],
  ])("to something that %s is not ready", async (_, greet, words) => {
    await listen(createServer(greet));
    const failure = (await channel.ready(200).catch((error: unknown) => error)) as Error;
    expect(failure.message).toBe(`unix://${path} did not answer within 200 ms`);
    expect((failure.cause as Error).message).toMatch(words);
  });

  it("keeps no process alive while nothing is under way, and does while something is", async () => {
    await serving((stream) => setTimeout(() => say(stream, frame("pong"), ok), 300));
    const module = join(import.meta.dirname, "../../lib/verbs/index.ts");
    const text = `
      import { UnaryChannel } from ${JSON.stringify(module)};
      const channel = new UnaryChannel(${JSON.stringify(path)});
      const message = Buffer.from("ping");
      console.log((await channel.call({ path: "/a.B/C", message, timeoutMs: Infinity })).toString());`;
    const { stdout } = await execa(process.execPath, ["--input-type=module-typescript", "-e", text], {
      cwd: join(import.meta.dirname, "../.."),
      timeout: 30_000,
    });
    expect(stdout).toBe("pong");
  });

  it("leaves no descriptor open, whatever became of its calls", async () => {
    await serving((stream, headers) => {
      if (Number(String(headers["grpc-timeout"]).replace("m", "")) > 100) say(stream, frame("pong"), ok);
    });
    const before = openSockets();
    const own = new UnaryChannel(path);
    const one = { path: "/a.B/C", message: Buffer.alloc(1) };
    await own.call({ ...one, timeoutMs: 10_000 });
    await expect(own.call({ ...one, timeoutMs: 10 })).rejects.toMatchObject({ code: 4 });
    const underWay = own.call({ ...one, timeoutMs: 99 });
    own.dispose();
    await expect(underWay).rejects.toMatchObject({ code: unavailable });
    await expect(own.call({ ...one, timeoutMs: 10 })).rejects.toThrow("closed on this side");
    await vi.waitFor(() => expect(openSockets()).toBe(before), { timeout: 10_000 });
  });
});

function openSockets(): number {
  const links = readdirSync("/proc/self/fd").map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // The one that this very listing needed.
      return "";
    }
  });
  return links.filter((link) => link.startsWith("socket:")).length;
}
