import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import { type HttpResponse, openPki, SecureServer } from "../../core/http/index.ts";

const idleTimeoutMs = 200;
let folder: string;
let server: SecureServer;
let session: ClientHttp2Session;
let answer: (response: HttpResponse) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-http-"));
  const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
  server = new SecureServer({
    label: "test server",
    host: "127.0.0.1",
    port: 0,
    serving: await pki.leaf("server", { commonName: "server", hosts: ["127.0.0.1"], usages: ["server"] }),
    clientAuthority: pki.authorityCertificate,
    logger: silentLogger,
    limits: { idleTimeoutMs },
    handle: (_, response) => answer(response),
  });
  await server.start();
  session = connect(`https://127.0.0.1:${server.port}`, { ca: pki.authorityCertificate });
});

afterEach(async () => {
  session.destroy();
  await server.dispose();
  await rm(folder, { recursive: true, force: true });
});

test("a connection whose watch was quiet for longer than the idle time stays, and ends once the watch has", async () => {
  const watch = Promise.withResolvers<HttpResponse>();
  answer = (response) => {
    response.writeHead(200);
    response.flushHeaders();
    watch.resolve(response);
  };
  const stream = session.request({ ":path": "/" });
  await once(stream, "response");
  // The idle time is what this is about: it passes several times over.
  await sleep(idleTimeoutMs * 5);
  expect(session.closed).toBe(false);
  const ended = once(session, "close");
  (await watch.promise).end();
  stream.resume();
  await ended;
}, 60_000);

test("a client that lets go of a watch without an error code ends it, however much was still to be sent", async () => {
  const ended = Promise.withResolvers<void>();
  answer = (response) => {
    response.on("close", ended.resolve);
    response.writeHead(200);
    // More than the client's window takes.
    for (let events = 0; events < 40; events++) response.write("x".repeat(5000));
  };
  const stream = session.request({ ":path": "/" });
  await once(stream, "response");
  stream.close(0);
  session.close();
  await ended.promise;
  await expect.poll(() => server.connectionCount, { timeout: 30_000 }).toBe(0);
}, 60_000);
