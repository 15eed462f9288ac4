import { chmodSync, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { Disposable, Logger } from "@berth/base";
import { readPeerCredentials } from "@berth/linux";
import type { HostAnswer, PluginHello } from "@berth/verbs/handshake.ts";
import { checkHello, type Expected, parseHello } from "./check-hello.ts";
import type { ChosenVersions } from "./choose-versions.ts";

/** A handshake that was accepted. */
export interface Handshake {
  readonly hello: PluginHello;
  readonly chosen: Readonly<Record<string, string>>;
}

/** Awaits one process; at most one handshake is delivered to it, and later ones of the same process renew it. */
export interface Expectation extends Expected {
  readonly choose: (hello: PluginHello) => ChosenVersions;
  readonly accepted: (handshake: Handshake) => void;
  readonly refused: (reason: string) => void;
}

const helloBytes = 65_536;
const helloMs = 5000;

/** Listens for the first words of one plugin's processes; see lib/verbs/handshake.ts for what is said. */
export class HandshakeServer implements Disposable {
  readonly label: string;
  readonly #path: string;
  readonly #logger: Logger;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #expected = new Map<number, Expectation>();

  constructor(path: string, logger: Logger) {
    this.label = `handshake socket ${path}`;
    this.#path = path;
    this.#logger = logger;
  }

  /**
   * The directory must be there, closed to others. A socket left there by a host that died is replaced, and one that somebody deleted
   * is made again. Whoever shall be adopted must be expected before: a plugin that is refused ends.
   */
  async listen(): Promise<void> {
    if (this.#server && existsSync(this.#path)) return;
    // Connections that are open stay: they tell their plugins that the host lives.
    this.#server?.close();
    const server = createServer((socket) => this.#onConnection(socket));
    this.#server = server;
    await rm(this.#path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#path, () => resolve());
    });
    chmodSync(this.#path, 0o600);
  }

  /** From now on the process with this incarnation is let in; until the returned function is called. */
  expect(incarnation: number, expectation: Expectation): () => void {
    this.#expected.set(incarnation, expectation);
    return () => {
      if (this.#expected.get(incarnation) === expectation) this.#expected.delete(incarnation);
    };
  }

  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server?.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(this.#path, { force: true });
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", (error) => this.#logger.debug("handshake connection broke", { error: error.message }));
    socket.setTimeout(helloMs, () => socket.destroy());
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      if (text.length > helloBytes) return void socket.destroy();
      const end = text.indexOf("\n");
      if (end < 0) return;
      socket.off("data", onData);
      socket.resume();
      socket.setTimeout(0);
      this.#onHello(socket, text.slice(0, end));
    };
    socket.on("data", onData);
  }

  #onHello(socket: Socket, line: string): void {
    const hello = parseHello(line);
    const expectation = hello && this.#expected.get(hello.incarnation);
    const peer = readPeerCredentials(socket);
    const reason = checkHello(hello, expectation, peer?.pid);
    if (reason !== undefined || !hello || !expectation) {
      return this.#refuse(socket, reason ?? "not expected", expectation);
    }
    const versions = expectation.choose(hello);
    if (!versions.ok) return this.#refuse(socket, versions.reason, expectation);
    answer(socket, versions);
    expectation.accepted({ hello, chosen: versions.chosen });
  }

  #refuse(socket: Socket, reason: string, expectation: Expectation | undefined): void {
    this.#logger.warn("handshake refused", { reason });
    answer(socket, { ok: false, reason });
    socket.end();
    expectation?.refused(reason);
  }
}

function answer(socket: Socket, value: HostAnswer): void {
  socket.write(`${JSON.stringify(value)}\n`);
}
