import { Agent, request } from "node:https";
import { buffer } from "node:stream/consumers";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { readKubeconfig } from "../../../core/client/index.ts";
import type { Answer, Exchange } from "./exchange.ts";

/** Sends one exchange, whose placeholders have been filled in. */
export interface Sender extends Disposable {
  send(exchange: Exchange): Promise<Answer>;
}

export async function connect(kubeconfig: string): Promise<Sender> {
  const { server, authority: ca, certificate } = await readKubeconfig(kubeconfig);
  const agent = new Agent({ keepAlive: true, ca, cert: certificate?.certificate, key: certificate?.key });
  return {
    async send({ method, path, body, type = "application/json", headers = {} }) {
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
      const text = (await buffer(incoming)).toString();
      const contentType = incoming.headers["content-type"] ?? "";
      const warnings = warningsOf(incoming);
      return {
        status: incoming.statusCode!,
        type: contentType,
        ...(warnings.length > 0 && { warnings }),
        body: contentType.startsWith("application/json") ? jsonOf(text) : text,
      };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
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
