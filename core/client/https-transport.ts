import { Agent, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { deepFreeze, linesOf } from "../api/index.ts";
import { ApiError, type ApiObject, type ApiResponse, type WatchEvent } from "./contracts.ts";
import type { Transport, TransportRequest } from "./transport.ts";

export interface HttpsTransportOptions {
  /** https://host:port */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority?: string;
  readonly certificate?: { readonly certificate: string; readonly key: string };
  readonly token?: string;
  /** The user this acts as, for messages; the server decides by the credentials. */
  readonly user: string;
  /** Sent as User-Agent. */
  readonly agent?: string;
}

/** One line of a watch; a server that sends more is not one of ours. */
const longestLine = 16 * 1024 * 1024;

/** The API over the network. Connections are kept and reused; `dispose` closes them. */
export function httpsTransport(options: HttpsTransportOptions): Transport & { dispose(): void } {
  const agent = new Agent({ keepAlive: true, ...connectionOptions(options) });
  return {
    user: options.user,
    call: async (request) => readResponse(await open(options, agent, request)),
    watch: (request) => watch(options, agent, request),
    dispose: () => agent.destroy(),
  };
}

/**
 * The text of an answer piece by piece as it comes, on a connection of its own. Ends with the server's end of it, or quietly when the
 * signal aborts. @throws ApiError
 */
export async function* streamText(
  options: HttpsTransportOptions,
  request: TransportRequest,
): AsyncGenerator<string> {
  const agent = new Agent(connectionOptions(options));
  try {
    const incoming = await open(options, agent, request);
    if ((incoming.statusCode ?? 0) >= 400) await readResponse(incoming);
    const decoder = new TextDecoder();
    for await (const chunk of incoming) yield decoder.decode(chunk as Buffer, { stream: true });
  } catch (error) {
    if (!request.signal?.aborted) throw error;
  } finally {
    agent.destroy();
  }
}

function connectionOptions({ authority, certificate }: HttpsTransportOptions): object {
  return {
    ...(authority ? { ca: authority } : {}),
    ...(certificate ? { cert: certificate.certificate, key: certificate.key } : {}),
  };
}

function open(
  options: HttpsTransportOptions,
  agent: Agent,
  request: TransportRequest,
): Promise<IncomingMessage> {
  const url = new URL(request.path, options.server);
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, value);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, {
      method: request.method,
      agent,
      headers: {
        accept: "application/json",
        "user-agent": options.agent ?? options.user,
        ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
        ...(body === undefined
          ? {}
          : {
              "content-type": request.contentType ?? "application/json",
              "content-length": Buffer.byteLength(body),
            }),
        ...request.headers,
      },
      ...(request.signal ? { signal: request.signal } : {}),
    });
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

async function readResponse(incoming: IncomingMessage): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const status = incoming.statusCode ?? 0;
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]),
  );
  const isJson = (headers["content-type"] ?? "").startsWith("application/json");
  const body: unknown = isJson && text !== "" ? deepFreeze(JSON.parse(text)) : text;
  if (status >= 400) throw apiError(status, body);
  return { status, headers, body };
}

interface StatusBody {
  code?: number;
  reason?: string;
  message?: string;
  details?: Record<string, unknown>;
}

function apiError(status: number, body: unknown): ApiError {
  if (typeof body !== "object" || body === null) {
    const text = String(body).slice(0, 200);
    return new ApiError(status, "UnexpectedServerError", `the server answered ${status}: ${text}`);
  }
  const { code, reason, message, details } = body as StatusBody;
  return new ApiError(code ?? status, reason ?? "", message ?? `the server answered ${status}`, details);
}

async function* watch(
  options: HttpsTransportOptions,
  agent: Agent,
  request: TransportRequest,
): AsyncGenerator<WatchEvent<ApiObject>> {
  try {
    const incoming = await open(options, agent, request);
    if ((incoming.statusCode ?? 0) >= 400) await readResponse(incoming);
    for await (const line of linesOf(incoming as AsyncIterable<Buffer>, longestLine)) yield event(line);
  } catch (error) {
    if (request.signal?.aborted) return;
    throw error;
  }
}

function event(line: string): WatchEvent<ApiObject> {
  const { type, object } = JSON.parse(line) as { type: string; object: ApiObject & StatusBody };
  if (type === "ERROR") throw apiError(object.code ?? 500, object);
  if (type === "BOOKMARK")
    return { type: "BOOKMARK", resourceVersion: object.metadata?.resourceVersion ?? "" };
  return { type, object: deepFreeze(object) } as WatchEvent<ApiObject>;
}
