import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { readKubeconfig } from "../../core/client/index.ts";

/** What tests look at of the objects, lists, tables and Statuses that answers carry. */
export interface WireObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly items: readonly WireObject[];
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly object?: WireObject }[];
  readonly data?: object;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: object;
}

export interface WireEvent {
  readonly type: string;
  readonly object: WireObject;
}

/** An answer as it came. */
export interface WireAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON; an empty object when it is none. */
  readonly body: WireObject;
  readonly text: string;
}

export interface WireWatch {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  /** The next event; undefined when the server has ended the answer. */
  next(): Promise<WireEvent | undefined>;
  /** All events until the server ends the answer. */
  rest(): Promise<WireEvent[]>;
  /** The connection is dropped. */
  close(): void;
  readonly incoming: IncomingMessage;
}

/** Plain HTTPS as one user, without any client library between a test and the bytes. */
export class Wire {
  readonly #port: number;
  readonly #credentials: { ca: string; cert?: string; key?: string };

  private constructor(port: number, credentials: { ca: string; cert?: string; key?: string }) {
    this.#port = port;
    this.#credentials = credentials;
  }

  static async as(port: number, kubeconfig: string): Promise<Wire> {
    const { authority, certificate } = await readKubeconfig(kubeconfig);
    return new Wire(port, {
      ca: authority!,
      ...(certificate ? { cert: certificate.certificate, key: certificate.key } : {}),
    });
  }

  async ask(
    method: string,
    path: string,
    options: { body?: object | string; headers?: Record<string, string> } = {},
  ): Promise<WireAnswer> {
    const incoming = await this.open(method, path, options);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const plain = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
    return {
      code: incoming.statusCode ?? 0,
      headers: incoming.headers,
      bytes,
      body: parsed(plain.toString("utf8")),
      text: plain.toString("utf8"),
    };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<WireAnswer> {
    return this.ask("GET", path, { headers });
  }

  async watch(path: string, headers: Record<string, string> = {}): Promise<WireWatch> {
    const incoming = await this.open("GET", path, { headers });
    const events = lines(incoming)[Symbol.asyncIterator]();
    const next = async (): Promise<WireEvent | undefined> => {
      const { done, value } = await events.next();
      return done ? undefined : (JSON.parse(value) as WireEvent);
    };
    return {
      code: incoming.statusCode ?? 0,
      headers: incoming.headers,
      incoming,
      next,
      rest: async () => {
        const all: WireEvent[] = [];
        for (let event = await next(); event !== undefined; event = await next()) all.push(event);
        return all;
      },
      close: () => incoming.destroy(),
    };
  }

  open(
    method: string,
    path: string,
    { body, headers = {} }: { body?: object | string; headers?: Record<string, string> } = {},
  ): Promise<IncomingMessage> {
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const type = body === undefined ? {} : { "content-type": "application/json" };
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(
        {
          host: "127.0.0.1",
          port: this.#port,
          method,
          path,
          ...this.#credentials,
          headers: { ...type, ...headers },
          agent: false,
        },
        resolve,
      );
      outgoing.on("error", reject);
      outgoing.end(text);
    });
  }

  /** A connection on which a test says what it likes, or nothing. */
  async connect(): Promise<TLSSocket> {
    const socket = connect({ host: "127.0.0.1", port: this.#port, ...this.#credentials });
    socket.on("error", () => socket.destroy());
    await once(socket, "secureConnect");
    return socket;
  }
}

function parsed(text: string): WireObject {
  try {
    return JSON.parse(text) as WireObject;
  } catch {
    return {} as WireObject;
  }
}

async function* lines(incoming: IncomingMessage): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of incoming) {
    const parts = (text + (chunk as Buffer).toString("utf8")).split("\n");
    text = parts.pop()!;
    yield* parts;
  }
}
