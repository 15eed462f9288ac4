import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { connect as plainConnect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import type { Reply, ServerRequest } from "../request/request.ts";
import { badRequest } from "../request/status-error.ts";
import { connectMs } from "./forward-request.ts";

/** Where a request that leaves HTTP is carried to. */
export interface UpgradeTarget extends ConnectionOptions {
  readonly path: string;
  /** "https:" when absent. */
  readonly protocol?: "http:" | "https:";
  /** Instead of what the caller says under these names; `Host` among them. */
  readonly headers: OutgoingHttpHeaders;
}

/**
 * Leaves HTTP: exec, attach, port-forward, WebSocket. From here on bytes flow both ways untouched. The caller's credentials
 * stay here, and what he says of other users.
 * @throws StatusError 400 when the caller does not want to; what `unreachable` makes of the error when nobody answers
 */
export async function carryUpgrade(
  target: UpgradeTarget,
  { upgrade }: ServerRequest,
  unreachable: (error: unknown) => Error,
): Promise<Reply> {
  if (!upgrade) throw badRequest("you must specify an upgrade: this endpoint speaks WebSocket or SPDY");
  const remote = await dial(target, unreachable);
  const { socket, head, request } = upgrade;
  remote.write(requestHead(request, target));
  if (head.length > 0) remote.write(head);
  remote.pipe(socket);
  socket.pipe(remote);
  // What was said last still has to get through: only an error cuts a side off at once.
  endTogether(remote, socket);
  endTogether(socket, remote);
  return { kind: "taken" };
}

function endTogether(one: Duplex, other: Duplex): void {
  one.on("error", () => other.destroy());
  one.on("close", () => {
    if (other instanceof Socket) other.destroySoon();
    else other.end();
  });
}

function dial(
  { path: _, headers: __, protocol, ...options }: UpgradeTarget,
  unreachable: (error: unknown) => Error,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const isPlain = protocol === "http:";
    const { host, port = 80 } = options;
    const socket = isPlain
      ? plainConnect({ port, ...(host && { host }), timeout: connectMs })
      : connect({ ...options, ALPNProtocols: ["http/1.1"], timeout: connectMs });
    socket.once(isPlain ? "connect" : "secureConnect", () => {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(new Error(`no connection within ${connectMs / 1000} s`)));
    socket.once("error", (error) => reject(unreachable(error)));
  });
}

/** The caller's own head, under another path and another name. */
function requestHead({ method, rawHeaders }: IncomingMessage, { path, headers }: UpgradeTarget): string {
  const lines = [`${method} ${path} HTTP/1.1`];
  for (const [name, value] of Object.entries(headers))
    for (const one of [value ?? []].flat()) lines.push(`${name}: ${one}`);
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const isOurs =
      name === "authorization" || name.startsWith("impersonate-") || name.startsWith("x-remote-");
    if (!isOurs && !replaced.has(name)) lines.push(`${rawHeaders[at]!}: ${rawHeaders[at + 1]!}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
