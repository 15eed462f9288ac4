import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import type { IncomingMessage } from "node:http";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKubeconfig } from "../../core/client/index.ts";
import { Wire, type WireAnswer } from "../support/wire.ts";

interface Place {
  readonly port: number;
  readonly admin: string;
  readonly nobody: string;
  readonly alice: string;
  readonly bob: string;
  readonly node: string;
}

interface Held {
  readonly megabytes: number;
  readonly timers: number;
  readonly descriptors: number;
  /** Connections of clients. */
  readonly sockets: number;
  readonly resources: number;
  readonly cutOff: number;
}

const maps = "/api/v1/namespaces/default/configmaps";
const merge = { "content-type": "application/merge-patch+json" };
const minutes = 60_000;

let child: ChildProcess;
let lines: AsyncIterator<string>;
let input: Interface;
let place: Place;
let admin: Wire;
let alice: Wire;
let bob: Wire;

beforeAll(async () => {
  const program = join(import.meta.dirname, "../support/counted-server.ts");
  child = spawn(process.execPath, ["--expose-gc", program], { stdio: ["pipe", "pipe", "inherit"] });
  input = createInterface({ input: child.stdout! });
  lines = input[Symbol.asyncIterator]();
  place = JSON.parse((await lines.next()).value as string) as Place;
  admin = await Wire.as(place.port, place.admin);
  alice = await Wire.as(place.port, place.alice);
  bob = await Wire.as(place.port, place.bob);
  const subjects = ["alice", "bob", "both"].map((name) => ({
    kind: name === "both" ? "Group" : "User",
    name,
    apiGroup: "rbac.authorization.k8s.io",
  }));
  const roleRef = { kind: "ClusterRole", name: "cluster-admin", apiGroup: "rbac.authorization.k8s.io" };
  const bound = await admin.ask("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    body: { metadata: { name: "both" }, roleRef, subjects },
  });
  if (bound.code !== 201) throw new Error(bound.text);
});

afterAll(async () => {
  child.stdin!.end();
  if (child.exitCode === null) await once(child, "exit");
});

async function told(command: string): Promise<Held> {
  child.stdin!.write(`${command}\n`);
  return JSON.parse((await lines.next()).value as string) as Held;
}

const advance = (ms: number): Promise<unknown> => told(`advance ${ms}`);

/** What the server holds, once `holds`; with what was last seen when it does not come to that. */
async function held(holds: (now: Held) => boolean): Promise<Held> {
  const end = performance.now() + 60_000;
  for (;;) {
    const now = await told("count");
    if (holds(now) || performance.now() > end) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const closed = (socket: { readonly destroyed: boolean; once(event: "close", done: () => void): unknown }) =>
  socket.destroyed ? Promise.resolve() : new Promise<void>((resolve) => socket.once("close", resolve));

/** Sockets of the server, its listening one and standard streams left out, once they are none or do not get fewer. */
async function connections(): Promise<number> {
  return (await held(({ sockets }) => sockets === 0)).sockets;
}

async function watchers(): Promise<number> {
  const { text } = await admin.get("/metrics");
  return Number(
    /^apiserver_longrunning_requests\{verb="WATCH",group="",resource="configmaps"\} (\d+)$/m.exec(text)?.[1],
  );
}

describe("connections on which nothing sensible comes are given up:", () => {
  test("no TLS, no request, half a head, one byte of it after the other", async () => {
    const silent = connectTcp(place.port, "127.0.0.1");
    silent.on("error", () => silent.destroy());
    const quiet = await alice.connect();
    const half = await alice.connect();
    half.write("GET /api HTTP/1.1\r\nHost: x\r\nX-Part: ");
    const trickling = await alice.connect();
    trickling.write("GET /api HTTP/1.1\r\nHost: x\r\nX-Part: ");
    const drip = setInterval(() => trickling.write("y"), 20);
    for (const socket of [silent, quiet, half, trickling]) socket.resume();
    await Promise.all([silent, quiet, half, trickling].map(closed));
    clearInterval(drip);
    expect(await connections()).toBe(0);
  });

  test("an HTTP/2 connection without a request", async () => {
    const session = await http2(place.alice);
    await closed(session);
    expect(await connections()).toBe(0);
  });

  test("a body that does not come is answered with 504, and not waited for after that", async () => {
    const socket = await alice.connect();
    socket.write(
      `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"api`,
    );
    const drip = setInterval(() => socket.write(" "), 20);
    await inFlight("mutating", 1);
    await advance(1.1 * minutes);
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString("utf8")).toMatch(/^HTTP\/1\.1 504 [\s\S]*"reason":"Timeout"/);
    await inFlight("mutating", 0);
    await advance(1.2 * minutes);
    await closed(socket);
    clearInterval(drip);
  });

  test("a body of a stranger is not waited for at all", async () => {
    const nobody = await Wire.as(place.port, place.nobody);
    const socket = await nobody.connect();
    socket.write(`POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"api`);
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString("utf8")).toMatch(/^HTTP\/1\.1 401 /);
    await advance(1.2 * minutes);
    await closed(socket);
  });
});

describe("what nobody takes", () => {
  const count = 15;
  const changes = 100;
  const value = "z".repeat(60 * 1024);

  test("of a watch costs little while it waits, and is given up", async () => {
    await admin.ask("POST", maps, { body: { metadata: { name: "busy" } } });
    const before = await held(({ sockets }) => sockets === 0);
    const open: (IncomingMessage | ClientHttp2Stream)[] = [];
    for (let i = 0; i < count; i++) open.push(await alice.open("GET", `${maps}?watch=1`));
    const session = await http2(place.alice);
    for (let i = 0; i < count; i++) {
      const stream = session.request({ ":path": `${maps}?watch=1` });
      await once(stream, "response");
      open.push(stream);
    }
    expect(await watchers()).toBe(2 * count);
    const dropped = open.map((one) => {
      one.pause();
      one.on("error", () => {});
      return new Promise<void>((resolve) => one.once("close", resolve));
    });
    for (let i = 0; i < changes; i++)
      await admin.ask("PATCH", `${maps}/busy`, {
        body: { data: { value: `${i} ${value}` } },
        headers: merge,
      });
    // A queue for each would be 180 MB.
    const during = await held(() => true);
    expect(during.megabytes - before.megabytes).toBeLessThan(100);
    await advance(1.2 * minutes);
    for (const one of open) one.resume();
    await Promise.all(dropped);
    session.destroy();
    const after = await held(
      ({ descriptors, resources }) => descriptors <= before.descriptors && resources <= before.resources,
    );
    expect(after.cutOff - before.cutOff).toBe(2 * count);
    expect(await watchers()).toBe(0);
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
    expect(after.resources).toBeLessThanOrEqual(before.resources);
  });

  test("of a list is given up after the time that a slow reader would need", async () => {
    for (let i = 0; i < 32; i++)
      await admin.ask("POST", maps, {
        body: { metadata: { name: `list-${i}` }, data: { value: value.repeat(4) } },
      });
    const session = await http2(place.alice);
    const stream = session.request({ ":path": maps });
    const incoming = await alice.open("GET", maps);
    // A plain request in the clothes of another is no way around it.
    const disguised = await alice.open("GET", maps, { headers: { connection: "Upgrade", upgrade: "x" } });
    const open = [stream, incoming, disguised];
    const dropped = open.map((one) => {
      one.pause();
      one.on("error", () => {});
      return new Promise<void>((resolve) => one.once("close", resolve));
    });
    await inFlight("readOnly", 3);
    await advance(2 * minutes);
    await inFlight("readOnly", 3);
    await advance(8 * minutes);
    await inFlight("readOnly", 0);
    for (const one of open) one.resume();
    await Promise.all(dropped);
    session.destroy();
    expect(await connections()).toBe(0);
    for (let i = 0; i < 32; i++) await admin.ask("DELETE", `${maps}/list-${i}`);
  });
});

test("a thousand watches, opened and dropped in every way, leave nothing", async () => {
  await drop(10);
  const before = await held(() => true);
  await drop(200);
  for (let i = 0; i < 8; i++) {
    const session = await http2(place.alice);
    const streams = Array.from({ length: 100 }, () => session.request({ ":path": `${maps}?watch=1` }));
    for (const stream of streams) stream.on("error", () => {});
    await Promise.all(streams.map((stream) => once(stream, "response")));
    if (i % 2 === 0) for (const stream of streams) stream.close();
    session.destroy();
  }
  const after = await held(
    (now) =>
      now.sockets <= before.sockets &&
      now.descriptors <= before.descriptors &&
      now.timers <= before.timers &&
      now.resources <= before.resources,
  );
  expect(await watchers()).toBe(0);
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
  expect(after.timers).toBeLessThanOrEqual(before.timers);
  expect(after.resources).toBeLessThanOrEqual(before.resources);
  expect(after.megabytes - before.megabytes).toBeLessThan(100);
});

/** So many watches on connections of their own, each ended in one of three ways. */
async function drop(count: number): Promise<void> {
  for (let from = 0; from < count; from += 20) {
    const some = Array.from({ length: Math.min(20, count - from) }, async (_, i) => {
      const incoming = await alice.open("GET", `${maps}?watch=1&allowWatchBookmarks=1`);
      incoming.on("error", () => {});
      const { socket } = incoming;
      if (i % 3 === 0) socket.end();
      else if (i % 3 === 1) socket.destroy();
      else incoming.destroy();
      incoming.resume();
      await closed(socket);
    });
    await Promise.all(some);
  }
}

describe("with too many requests in flight", () => {
  const stuck: TLSSocket[] = [];

  async function stick(wire: Wire, more = ""): Promise<void> {
    const socket = await wire.connect();
    const head = `POST ${maps} HTTP/1.1\r\nHost: x\r\n${more}Content-Type: application/json\r\nContent-Length: 9`;
    socket.write(`${head}\r\n\r\n{`);
    stuck.push(socket);
  }

  const write = (wire: Wire, name: string): Promise<WireAnswer> =>
    wire.ask("POST", maps, { body: { metadata: { name } } });

  test("one user is told to come again, and no other is kept waiting", async () => {
    for (let i = 0; i < 4; i++) await stick(alice);
    await inFlight("mutating", 4);
    const refused = await write(alice, "one-more");
    expect(refused.code).toBe(429);
    expect(refused.headers["retry-after"]).toBe("1");
    expect(refused.body).toMatchObject({
      kind: "Status",
      reason: "TooManyRequests",
      code: 429,
      details: { retryAfterSeconds: 1 },
    });
    expect((await write(bob, "of-bob")).code).toBe(201);
    expect((await write(admin, "of-admin")).code).toBe(201);
    expect((await alice.get(maps)).code).toBe(200);
    const watch = await alice.watch(`${maps}?watch=1`);
    expect((await watch.next())?.type).toBe("ADDED");
    watch.close();
  });

  test("nodes stay alive even when every seat is taken", async () => {
    for (let i = 0; i < 2; i++) await stick(bob);
    for (const name of ["carol", "dave"])
      await stick(admin, `Impersonate-User: ${name}\r\nImpersonate-Group: both\r\n`);
    await inFlight("mutating", 8);
    expect((await write(bob, "too-much")).code).toBe(429);
    const node = await Wire.as(place.port, place.node);
    const lease = await node.ask("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", {
      body: { metadata: { name: "n1" }, spec: { holderIdentity: "n1", leaseDurationSeconds: 40 } },
    });
    expect(lease.code).toBe(201);
    for (const socket of stuck) socket.destroy();
    await inFlight("mutating", 0);
    expect((await write(alice, "again")).code).toBe(201);
  });
});

async function inFlight(kind: "mutating" | "readOnly", expected: number): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    const { text } = await admin.get("/metrics");
    const pattern = new RegExp(
      `^apiserver_current_inflight_requests\\{request_kind="${kind}"\\} (\\d+)$`,
      "m",
    );
    // The one that asks is among the reads.
    const seen = Number(pattern.exec(text)?.[1]) - (kind === "readOnly" ? 1 : 0);
    if (seen === expected) return;
    if (performance.now() > end) throw new Error(`${kind} in flight: ${seen}, not ${expected}`);
  }
}

async function http2(kubeconfig: string): Promise<ClientHttp2Session> {
  const { authority, certificate } = await readKubeconfig(kubeconfig);
  const session = connectHttp2(`https://127.0.0.1:${place.port}`, {
    ca: authority!,
    cert: certificate!.certificate,
    key: certificate!.key,
  });
  session.on("error", () => {});
  await once(session, "connect");
  return session;
}
