import { Agent, request as httpsRequest } from "node:https";
import type { FuzzRequest } from "./random-request.ts";
import type { Place } from "./target.ts";

export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly text: string;
}

/** A watch is listened to for this long; every answer that is not one ends long before. */
const listenMs = 30;

export class Sender {
  readonly #place: Place;
  readonly #agent: Agent;

  constructor(place: Place, connections: number) {
    this.#place = place;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Undefined when the server closed the connection without an answer. */
  send({ method, path, headers, body }: FuzzRequest): Promise<Answer | undefined> {
    const { port, ca, cert, key } = this.#place;
    return new Promise((resolve) => {
      // Node's client announces no length of its own for some methods.
      const sent = body ? { ...headers, "content-length": String(body.length) } : headers;
      const options = {
        ...{ host: "127.0.0.1", port, ca, cert, key, agent: this.#agent },
        ...{ method, path, headers: sent },
      };
      const outgoing = httpsRequest(options, (incoming) => {
        const chunks: Buffer[] = [];
        const code = incoming.statusCode ?? 0;
        const isStream = code < 300 && incoming.headers["content-length"] === undefined;
        const done = (): void => {
          const contentType = incoming.headers["content-type"] ?? "";
          resolve({ code, contentType, text: Buffer.concat(chunks).toString("utf8") });
        };
        if (isStream) setTimeout(() => outgoing.destroy(), listenMs);
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", done);
        incoming.on("close", done);
        incoming.on("error", () => {});
      });
      outgoing.on("error", () => resolve(undefined));
      outgoing.on("close", () => resolve(undefined));
      outgoing.end(body);
    });
  }

  dispose(): void {
    this.#agent.destroy();
  }
}
