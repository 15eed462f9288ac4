import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { errorMessage, type Logger } from "@berth/base";
import type { KeyPair } from "../../http/index.ts";
import type { HttpResponse } from "../../http/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import { badRequest, serviceUnavailable } from "../request/status-error.ts";
import { connectMs, forwardRequest } from "./forward-request.ts";
import type { KubeletAddress } from "./kubelet-address.ts";

/** The credentials with which kubelets are called. */
export interface KubeletCredentials {
  readonly client: KeyPair;
  /** PEM of the authority that signed the kubelets' serving certificates. */
  readonly authority: string;
}

/** Carries bytes between a caller and a kubelet; what they mean is between those two. */
export class KubeletProxy {
  readonly #credentials: () => Promise<KubeletCredentials>;
  readonly #logger: Logger;

  constructor(credentials: () => Promise<KubeletCredentials>, logger: Logger) {
    this.#credentials = credentials;
    this.#logger = logger;
  }

  /** A request and its answer, streamed as it comes: logs. */
  async forward(
    address: KubeletAddress,
    path: string,
    request: ServerRequest,
    response: HttpResponse,
  ): Promise<Reply> {
    const { client, authority } = await this.#credentials();
    const { host, port } = address;
    const options = { host, port, path, key: client.key, cert: client.certificate, ca: authority };
    return await forwardRequest(options, request, response, {
      unreachable: (error) => unreachable(address, error),
      logger: this.#logger,
    });
  }

  /** Leaves HTTP: exec, attach, port-forward. From here on bytes flow both ways untouched. */
  async upgrade(address: KubeletAddress, path: string, request: ServerRequest): Promise<Reply> {
    const { upgrade } = request;
    if (!upgrade) throw badRequest("you must specify an upgrade: this endpoint speaks WebSocket or SPDY");
    const { client, authority } = await this.#credentials();
    const kubelet = await dial(address, client, authority);
    const { socket, head } = upgrade;
    kubelet.write(requestHead(upgrade.request, path, address));
    if (head.length > 0) kubelet.write(head);
    kubelet.pipe(socket);
    socket.pipe(kubelet);
    // What was said last still has to get through: only an error cuts a side off at once.
    endTogether(kubelet, socket);
    endTogether(socket, kubelet);
    return { kind: "taken" };
  }
}

function endTogether(one: Duplex, other: Duplex): void {
  one.on("error", () => other.destroy());
  one.on("close", () => {
    if (other instanceof Socket) other.destroySoon();
    else other.end();
  });
}

function dial(address: KubeletAddress, client: KeyPair, authority: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.host,
      port: address.port,
      key: client.key,
      cert: client.certificate,
      ca: authority,
      ALPNProtocols: ["http/1.1"],
      timeout: connectMs,
    });
    socket.once("secureConnect", () => {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(new Error(`no connection within ${connectMs / 1000} s`)));
    socket.once("error", (error) => reject(unreachable(address, error)));
  });
}

function unreachable({ node, host, port }: KubeletAddress, error: unknown): Error {
  return serviceUnavailable(
    `the kubelet of node ${node} at ${host}:${port} cannot be reached: ${errorMessage(error)}`,
  );
}

/** The caller's own head, under another path and without his credentials. */
function requestHead(request: IncomingMessage, path: string, { host, port }: KubeletAddress): string {
  const lines = [
    `${request.method} ${path} HTTP/1.1`,
    `Host: ${host.includes(":") ? `[${host}]` : host}:${port}`,
  ];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]!;
    const lower = name.toLowerCase();
    const dropped = lower === "host" || lower === "authorization" || lower.startsWith("impersonate-");
    if (!dropped) lines.push(`${name}: ${request.rawHeaders[at + 1]!}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
