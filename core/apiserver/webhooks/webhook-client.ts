import { Agent, type RequestOptions, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { decodeJson } from "../../api/index.ts";
import { type ServiceReference, ServiceResolver } from "./service-resolver.ts";
import type { WatchCache } from "../cache/watch-cache.ts";

/** `clientConfig` of a webhook or of a conversion. */
export interface WebhookClientConfig {
  readonly url?: string;
  readonly service?: ServiceReference;
  /** PEM in base64; the authorities that Node knows where absent. */
  readonly caBundle?: string;
}

export interface WebhookCall {
  readonly config: WebhookClientConfig;
  readonly body: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const mostAnswerBytes = 3 * 1024 * 1024;

/**
 * Calls HTTPS servers that the cluster's users have named: posts JSON, reads JSON, within a time and a size. Connections are
 * kept. Used for admission and for conversion.
 */
export class WebhookClient {
  readonly #services: ServiceResolver;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });

  constructor(cache: WatchCache) {
    this.#services = new ServiceResolver(cache);
  }

  /**
   * The decoded answer.
   * @throws Error whose message tells who was called and why there is no answer: `Post "https://…": context deadline exceeded`
   */
  async post({ config, body, timeoutMs, signal }: WebhookCall): Promise<unknown> {
    const { url, shown, host, port, serverName } = this.#target(config, timeoutMs);
    const payload = Buffer.from(JSON.stringify(body));
    const deadline = AbortSignal.timeout(timeoutMs);
    const options = {
      host,
      port,
      path: url.pathname + url.search,
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "Content-Length": payload.length,
        Host: url.host,
        "User-Agent": "kube-apiserver-admission",
      },
      ...(config.caBundle ? { ca: Buffer.from(config.caBundle, "base64") } : {}),
      servername: serverName,
      agent: this.#agent,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    };
    try {
      const { status, answer } = await exchange(options, payload);
      if (status !== 200) throw new Error(`the server answered ${status}: ${excerpt(answer)}`);
      return decodeJson(answer, { maxBytes: mostAnswerBytes, maxDepth: 200 }).value;
    } catch (error) {
      const why = deadline.aborted ? "context deadline exceeded" : reasonOf(error);
      // oxlint-disable-next-line preserve-caught-error -- it would say the same again, with advice for who runs Node
      throw new Error(`Post ${JSON.stringify(shown)}: ${why}`);
    }
  }

  dispose(): void {
    this.#agent.destroy();
  }

  #target(config: WebhookClientConfig, timeoutMs: number): Target {
    const { url: text, service } = config;
    const timeout = `${timeoutMs / 1000}s`;
    if (service) {
      const { host, port, serverName } = this.#services.resolve(service);
      const url = new URL(`https://${serverName}:${service.port ?? 443}${service.path ?? "/"}`);
      url.searchParams.set("timeout", timeout);
      // A URL drops the port that goes without saying; in what an operator is told it helps to find the Service's.
      const shown = `https://${serverName}:${service.port ?? 443}${url.pathname}${url.search}`;
      return { url, shown, host, port, serverName };
    }
    const url = new URL(text!);
    url.searchParams.set("timeout", timeout);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const serverName = /^[\d.]+$|:/.test(host) ? "" : host;
    return { url, shown: url.href, host, port: Number(url.port || 443), serverName };
  }
}

interface Target {
  readonly url: URL;
  /** As messages call it. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  /** "" for an address, which TLS cannot ask for by name. */
  readonly serverName: string;
}

interface Exchanged {
  readonly status: number;
  readonly answer: Buffer;
}

/** A kept connection that its server has closed meanwhile is tried once more. */
async function exchange(options: RequestOptions, payload: Buffer): Promise<Exchanged> {
  const once = (again: boolean): Promise<Exchanged> =>
    new Promise((resolve, reject) => {
      const outgoing = httpsRequest(options);
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        if (again && outgoing.reusedSocket && error.code === "ECONNRESET") resolve(once(false));
        else reject(error);
      });
      outgoing.on("response", (response: IncomingMessage) => {
        readAll(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
      });
      outgoing.end(payload);
    });
  return await once(true);
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostAnswerBytes) {
      response.destroy();
      throw new Error(`the answer has more than ${mostAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function excerpt(answer: Buffer): string {
  return answer.subarray(0, 200).toString("utf8").trim();
}

const untrusted = "tls: failed to verify certificate: x509: certificate signed by unknown authority";

const sentences: Readonly<
  Record<string, (error: NodeJS.ErrnoException & { address?: string; port?: number }) => string>
> = {
  ECONNREFUSED: ({ address, port }) => `dial tcp ${address}:${port}: connect: connection refused`,
  ENOTFOUND: (error) => `dial tcp: lookup ${(error as { hostname?: string }).hostname ?? ""}: no such host`,
  ECONNRESET: () => "EOF",
  DEPTH_ZERO_SELF_SIGNED_CERT: () => untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: () => untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => untrusted,
  CERT_HAS_EXPIRED: () =>
    "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
};

function reasonOf(error: unknown): string {
  const known = error as NodeJS.ErrnoException;
  const sentence = known.code === undefined ? undefined : sentences[known.code];
  return sentence ? sentence(known) : known instanceof Error ? known.message : String(error);
}
