import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import type { HostAnswer, PluginHello } from "@berth/verbs";

/** The host's side of the handshake, as far as a plugin can see it. */
export class StandInHost {
  readonly hellos: PluginHello[] = [];
  readonly #path: string;
  readonly #answer: HostAnswer;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #heard = Promise.withResolvers<PluginHello>();

  constructor(path: string, answer: HostAnswer) {
    this.#path = path;
    this.#answer = answer;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(): Promise<void> {
    await rm(this.#path, { force: true });
    this.#server.listen(this.#path);
    await once(this.#server, "listening");
  }

  /** The next hello that has not been asked for yet. */
  async hello(signal: AbortSignal): Promise<PluginHello> {
    const gone = Promise.withResolvers<never>();
    const onAbort = (): void => gone.reject(new Error("no hello came in time"));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.#heard.promise, gone.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#heard = Promise.withResolvers<PluginHello>();
    }
  }

  async die(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A plugin that dies resets its connection; its exit status tells the rest.
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end < 0) return;
      const hello = JSON.parse(text.slice(0, end)) as PluginHello;
      text = text.slice(end + 1);
      this.hellos.push(hello);
      this.#heard.resolve(hello);
      socket.write(`${JSON.stringify(this.#answer)}\n`);
    });
  }
}
