import { type ClientHttp2Session, connect } from "node:http2";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Disposable } from "@berth/base";
import { socketPath } from "./endpoint.ts";
import { exchange, type UnaryCall } from "./unary-exchange.ts";
import { cancelled, noConnection } from "./unary-failure.ts";

/** Bytes of answers that may be under way before this side has read them. */
const windowBytes = 1024 * 1024;
const redialMs = 50;

/**
 * gRPC's unary calls over one HTTP/2 connection to a Unix socket. Most calls between a core and its plugins are of this
 * kind, and a general client makes each of them take twice as long. Dials on the first call, and again on the first one
 * after the connection was lost; keeps no process alive while nothing is under way.
 */
export class UnaryChannel implements Disposable {
  readonly #endpoint: string;
  readonly #path: string;
  #session: ClientHttp2Session | undefined;
  /** The session whose other side has sent its settings. */
  #greeted: ClientHttp2Session | undefined;
  #underWay = 0;
  #isDisposed = false;

  /** `endpoint`: unix:///path. Throws BERTH_VERBS_ENDPOINT. */
  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#path = socketPath(endpoint);
  }

  get label(): string {
    return `calls to ${this.#endpoint}`;
  }

  /** The answer's message. Rejects with UnaryFailure. */
  async call(call: UnaryCall): Promise<Buffer> {
    if (call.signal?.aborted) throw cancelled("before it was sent", call.signal);
    if (this.#isDisposed) throw noConnection(this.#endpoint, new Error("it was closed on this side"));
    if (this.#underWay++ === 0) this.#session?.ref();
    try {
      return await exchange(this.#open(), this.#endpoint, call);
    } finally {
      if (--this.#underWay === 0) this.#session?.unref();
    }
  }

  /** Resolves when the other side speaks HTTP/2; rejects after `ms`. */
  async ready(ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (;;) {
      try {
        return await this.#greeting(until - performance.now());
      } catch (error) {
        if (this.#isDisposed || performance.now() + redialMs >= until) {
          throw new Error(`${this.#endpoint} did not answer within ${ms} ms`, { cause: error });
        }
      }
      await sleep(redialMs);
    }
  }

  /** Fails the calls under way. */
  dispose(): void {
    this.#isDisposed = true;
    this.#session?.destroy();
  }

  #open(): ClientHttp2Session {
    const known = this.#session;
    if (known && !known.closed && !known.destroyed) return known;
    const session = connect("http://localhost", {
      createConnection: () => createConnection(this.#path),
      settings: { enablePush: false, initialWindowSize: windowBytes },
      // What bounds a message is largestMessage.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    session.once("connect", () => session.setLocalWindowSize(windowBytes));
    session.once("remoteSettings", () => (this.#greeted = session));
    // Each call under way is told by its own stream.
    session.on("error", () => {});
    if (this.#underWay === 0) session.unref();
    this.#session = session;
    return session;
  }

  #greeting(ms: number): Promise<void> {
    const session = this.#open();
    if (this.#greeted === session) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error("it takes connections and says nothing")), ms);
    const onClose = (): void => reject(failure ?? new Error("it ended the connection at once"));
    let failure: unknown;
    session.once("error", (error) => (failure = error));
    session.once("remoteSettings", resolve);
    session.once("close", onClose);
    return promise.finally(() => {
      clearTimeout(timer);
      session.off("remoteSettings", resolve).off("close", onClose);
    });
  }
}
