import { connect, type Socket } from "node:net";
import { type Clock, type Disposable, errorMessage, type Logger } from "@berth/base";
import type { HostAnswer, PluginHello } from "@berth/verbs";

/** Longest answer the host may give, in bytes. */
const longestAnswer = 64 * 1024;
const answerWithinMs = 5000;
const retryEveryMs = 250;

/** Why a session with the host is over for good. */
export type SessionEnd = { kind: "refused"; reason: string } | { kind: "lost"; reason: string };

/**
 * The plugin's side of the handshake. Keeps the connection as a lease: when it ends, says hello again, as one that lives already,
 * until a host answers or the adoption window closes.
 */
export class HostSession implements Disposable {
  readonly label = "session with the host";
  readonly #path: string;
  readonly #hello: Omit<PluginHello, "adopted">;
  readonly #windowMs: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #over = new AbortController();
  #socket: Socket | undefined;
  #chosen: Readonly<Record<string, string>> = {};

  constructor(options: {
    path: string;
    hello: Omit<PluginHello, "adopted">;
    windowMs: number;
    clock: Clock;
    log: Logger;
  }) {
    this.#path = options.path;
    this.#hello = options.hello;
    this.#windowMs = options.windowMs;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Version of each contract that the last host to accept has chosen. */
  get chosen(): Readonly<Record<string, string>> {
    return this.#chosen;
  }

  /** The first handshake. Throws with the host's sentence when it refuses. */
  async open(): Promise<void> {
    await this.#shakeHands(false);
  }

  /** Resolves when there is no host any more, or the new one refuses; never when disposed first. */
  async untilLost(): Promise<SessionEnd> {
    const { signal } = this.#over;
    for (;;) {
      await closed(this.#socket);
      if (signal.aborted) return new Promise(() => {});
      const end = await this.#findNewHost();
      if (end) return end;
    }
  }

  dispose(): void {
    this.#over.abort(new Error("the plugin ends"));
    this.#socket?.destroy();
  }

  async #findNewHost(): Promise<SessionEnd | undefined> {
    this.#log.warn("the host is gone; waiting for a new one", { windowMs: this.#windowMs });
    const until = this.#clock.monotonic() + this.#windowMs;
    for (;;) {
      try {
        await this.#shakeHands(true);
        this.#log.info("adopted by a new host");
        return undefined;
      } catch (error) {
        if (error instanceof HostRefusal) return { kind: "refused", reason: error.message };
        if (this.#clock.monotonic() >= until) {
          return {
            kind: "lost",
            reason: `no host came back within ${this.#windowMs} ms: ${errorMessage(error)}`,
          };
        }
      }
      await this.#clock.sleep(retryEveryMs, this.#over.signal);
    }
  }

  async #shakeHands(adopted: boolean): Promise<void> {
    const socket = await open(this.#path);
    try {
      socket.write(`${JSON.stringify({ ...this.#hello, adopted })}\n`);
      const answer = JSON.parse(await readLine(socket)) as HostAnswer;
      if (!answer.ok) throw new HostRefusal(answer.reason);
      this.#log.info("the host accepts", { chosen: answer.chosen, supportWindow: answer.supportWindow });
      this.#socket = socket;
      this.#chosen = answer.chosen;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

export class HostRefusal extends Error {}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      // What follows a lost connection is its close event; an error before it says nothing more.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(
      () => finish(new Error(`the host did not answer within ${answerWithinMs} ms`)),
      answerWithinMs,
    );
    const onClose = (): void => finish(new Error("the host closed the connection without an answer"));
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end >= 0) finish(undefined, text.slice(0, end));
      else if (text.length > longestAnswer)
        finish(new Error(`the host's answer is longer than ${longestAnswer} bytes`));
    };
    const finish = (error: Error | undefined, line = ""): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose);
      if (error) reject(error);
      else {
        // Without a reader the end of the connection would not be seen.
        socket.resume();
        resolve(line);
      }
    };
    socket.on("data", onData).on("close", onClose);
  });
}

function closed(socket: Socket | undefined): Promise<void> {
  if (!socket || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}
