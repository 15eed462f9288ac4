import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import type { ReplyWriter } from "../../core/apiserver/render/write-reply.ts";
import { HttpFront } from "../../core/apiserver/server/http-front.ts";
import { SlowClients } from "../../core/apiserver/server/slow-clients.ts";

test("a caller who goes away while the server finds out who he is holds no place among the requests in flight", async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const left = Promise.withResolvers<string>();
  const clock = systemClock;
  const slow = new SlowClients(clock);
  const front = new HttpFront({
    tokens: [
      {
        name: "slow",
        authenticate: async () => {
          asked.resolve();
          await gone.promise;
          return { user: { name: "ann", groups: [] } };
        },
      },
    ],
    handler: async ({ user, onAnswered }) => {
      onAnswered?.(() => left.resolve(user.name));
      return { kind: "object", status: 200, value: {} };
    },
    writer: { clock, waitsFor: slow.waitsFor } as Partial<ReplyWriter> as ReplyWriter,
    clock,
    logger: silentLogger,
  });
  const server = createServer((incoming, response) => {
    response.on("close", gone.resolve);
    void front.handle(incoming, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("GET /api HTTP/1.1\r\nHost: berth\r\nAuthorization: Bearer x\r\n\r\n");
    await asked.promise;
    socket.destroy();
    expect(await left.promise).toBe("ann");
    expect(slow.count).toBe(0);
  } finally {
    slow.dispose();
    server.close();
  }
});
