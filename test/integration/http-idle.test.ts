import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import { type HttpResponse, openPki, SecureServer } from "../../core/http/index.ts";

const idleTimeoutMs = 200;

test("a connection whose watch was quiet for longer than the idle time stays, and ends once the watch has", async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-idle-"));
  const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
  let watch: HttpResponse | undefined;
  const server = new SecureServer({
    label: "test server",
    host: "127.0.0.1",
    port: 0,
    serving: await pki.leaf("server", { commonName: "server", hosts: ["127.0.0.1"], usages: ["server"] }),
    clientAuthority: pki.authorityCertificate,
    logger: silentLogger,
    limits: { idleTimeoutMs },
    handle: (_, response) => {
      watch = response;
      response.writeHead(200);
      response.flushHeaders();
    },
  });
  await server.start();
  const session = connect(`https://127.0.0.1:${server.port}`, { ca: pki.authorityCertificate });
  try {
    const stream = session.request({ ":path": "/" });
    await once(stream, "response");
    // The idle time is what this is about: it passes several times over.
    await sleep(idleTimeoutMs * 5);
    expect(session.closed).toBe(false);
    const ended = once(session, "close");
    watch!.end();
    stream.resume();
    await ended;
  } finally {
    session.destroy();
    await server.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
