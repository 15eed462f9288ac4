import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { BerthError } from "@berth/base";
import { kubeletRequestError } from "../errors.ts";

/**
 * Hands an upgraded connection over to the runtime's own streaming server and carries bytes between the two. What
 * they mean, and which protocol it is, is settled between the caller and that server.
 */
export async function proxyStream(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  url: string,
): Promise<void> {
  const target = streamTarget(url);
  const upstream = await dial(target);
  const close = (): void => {
    upstream.destroy();
    socket.destroy();
  };
  for (const end of [upstream, socket]) {
    end.on("error", close);
    end.on("close", close);
  }
  upstream.write(requestHead(request, target));
  if (head.length > 0) upstream.write(head);
  upstream.pipe(socket);
  socket.pipe(upstream);
}

interface StreamTarget {
  readonly connect: { host: string; port: number } | { path: string };
  readonly hostHeader: string;
  readonly path: string;
}

const loopback = /^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)$/;

/** `http://127.0.0.1:4321/exec/TOKEN`, or `unix:///run/s.sock:/exec/TOKEN`. Throws kubeletRequestError. */
export function streamTarget(url: string): StreamTarget {
  const unix = /^(?:http\+)?unix:\/\/(\/[^:]+):(\/.*)$/.exec(url);
  if (unix) return { connect: { path: unix[1]! }, hostHeader: "localhost", path: unix[2]! };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "http:" || !loopback.test(parsed.hostname)) {
    throw new BerthError(
      kubeletRequestError,
      `the runtime offers its stream at ${parsed?.origin ?? "no valid address"}; only loopback and Unix sockets are followed`,
    );
  }
  return {
    connect: { host: parsed.hostname.replaceAll(/[[\]]/g, ""), port: Number(parsed.port || 80) },
    hostHeader: parsed.host,
    path: `${parsed.pathname}${parsed.search}`,
  };
}

function dial(target: StreamTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.connect);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function requestHead(request: IncomingMessage, target: StreamTarget): string {
  const lines = [`${request.method} ${target.path} HTTP/1.1`, `Host: ${target.hostHeader}`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]!;
    if (!["host", "authorization"].includes(name.toLowerCase()))
      lines.push(`${name}: ${request.rawHeaders[at + 1]!}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
