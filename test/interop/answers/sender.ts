import { Agent, request } from "node:https";
import { createGunzip } from "node:zlib";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { readKubeconfig } from "../../../core/client/index.ts";
import type { Answer, Exchange } from "./exchange.ts";

/** Sends one exchange, whose placeholders have been filled in. */
export interface Sender extends Disposable {
  /** `begun` is called when the answer's headers have come, and waited for. */
  send(exchange: Exchange, begun?: () => Promise<void>): Promise<Answer>;
}

export async function connect(kubeconfig: string): Promise<Sender> {
  const { server, authority: ca, certificate } = await readKubeconfig(kubeconfig);
  const agent = new Agent({ keepAlive: true, ca, cert: certificate?.certificate, key: certificate?.key });
  return {
    async send({ method, path, body, type = "application/json", headers = {}, lines, shows }, begun) {
      const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      const outgoing = request(new URL(path, server), {
        agent,
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          ...(sent !== undefined && { "content-type": type, "content-length": Buffer.byteLength(sent) }),
          ...headers,
        },
      });
      outgoing.end(sent);
      const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
      // What is refused is no watch, and may be spread over lines.
      const reading = textOf(incoming, incoming.statusCode === 200 ? lines : undefined);
      await begun?.();
      const text = await reading;
      const contentType = incoming.headers["content-type"] ?? "";
      const warnings = warningsOf(incoming);
      return {
        status: incoming.statusCode!,
        type: contentType,
        ...(warnings.length > 0 && { warnings }),
        ...(shows && { headers: shown(incoming, shows) }),
        body: contentType.startsWith("application/json") ? jsonOf(text) : text,
      };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** All of it, or so many lines. */
async function textOf(incoming: IncomingMessage, lines = Infinity): Promise<string> {
  const body = incoming.headers["content-encoding"] === "gzip" ? incoming.pipe(createGunzip()) : incoming;
  const chunks: Buffer[] = [];
  let seen = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    seen += chunk.toString().split("\n").length - 1;
    if (seen >= lines) break;
  }
  const text = Buffer.concat(chunks).toString();
  return lines === Infinity ? text : text.split("\n").slice(0, lines).join("\n");
}

function shown({ headers }: IncomingMessage, names: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(names.map((name) => [name, headers[name]?.toString() ?? null]));
}

/** The texts of `299 - "text"`. */
function warningsOf({ rawHeaders }: IncomingMessage): string[] {
  const isWarning = (_: string, index: number): boolean => rawHeaders[index - 1]?.toLowerCase() === "warning";
  return rawHeaders
    .filter((text, index) => index % 2 === 1 && isWarning(text, index))
    .map((text) => text.replace(/^\d+ \S+ /, ""));
}

/** A watch is one document in each line. */
function jsonOf(text: string): unknown {
  const lines = text.split("\n").filter(Boolean);
  try {
    return JSON.parse(text);
  } catch {
    return lines.map((line) => JSON.parse(line) as unknown);
  }
}
