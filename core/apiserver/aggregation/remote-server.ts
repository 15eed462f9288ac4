import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { decodeJson, isJsonObject, type JsonObject } from "../../api/index.ts";
import { remoteUserHeaders } from "../bootstrap/extension-authentication.ts";
import type { KeyPair } from "../../http/index.ts";
import type { User } from "../request/request.ts";
import type { ServiceResolver } from "../webhooks/service-resolver.ts";
import type { APIService } from "./api-service.ts";

export interface RemoteParts {
  readonly services: ServiceResolver;
  /** The certificate that aggregated servers believe when it names a user. */
  readonly client: () => Promise<KeyPair>;
}

const mostBytes = 16 * 1024 * 1024;

/** How to reach the server behind an APIService. @throws Error when its Service leads nowhere */
export async function remoteOptions(
  { services, client }: RemoteParts,
  { spec }: APIService,
  user: User,
): Promise<RequestOptions> {
  const { namespace = "", name = "", port = 443 } = spec.service ?? {};
  const { host, port: target, serverName } = services.resolve({ namespace, name, port });
  const { key, certificate } = await client();
  return {
    host,
    port: target,
    servername: serverName,
    key,
    cert: certificate,
    agent: false,
    rejectUnauthorized: spec.insecureSkipTLSVerify !== true,
    ...(spec.caBundle ? { ca: Buffer.from(spec.caBundle, "base64") } : {}),
    headers: { ...userHeaders(user), Host: `${serverName}:${port}` },
  };
}

function userHeaders({ name, uid, groups, extra = {} }: User): OutgoingHttpHeaders {
  const more = Object.entries(extra).map(([key, values]): [string, string[]] => [
    remoteUserHeaders.extraPrefix + encodeURIComponent(key),
    [...values],
  ]);
  return {
    [remoteUserHeaders.username]: name,
    ...(uid === undefined ? {} : { [remoteUserHeaders.uid]: uid }),
    [remoteUserHeaders.group]: [...groups],
    ...Object.fromEntries(more),
  };
}

/** A JSON document of the server. @throws Error for anything but an answer of 200 within the time */
export async function readDocument(
  options: RequestOptions,
  path: string,
  timeoutMs: number,
): Promise<JsonObject> {
  const { status, value } = await askRemote(
    { ...options, path, signal: AbortSignal.timeout(timeoutMs) },
    undefined,
  );
  if (status !== 200) throw new Error(`bad status from ${path}: ${status}`);
  if (!isJsonObject(value)) throw new Error(`${path} is no JSON object`);
  return value;
}

export interface RemoteAnswer {
  readonly status: number;
  /** Undefined when the answer is no JSON, which only a refusal may be. */
  readonly value: unknown;
}

/** One whole answer. @throws Error when there is none, or none that can be read */
export async function askRemote(options: RequestOptions, body: string | undefined): Promise<RemoteAnswer> {
  const headers = { ...(options.headers as OutgoingHttpHeaders), Accept: "application/json" };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpsRequest({ ...options, headers }, resolve)
      .on("error", reject)
      .end(body);
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  const status = answer.statusCode ?? 0;
  const isJson = (answer.headers["content-type"] ?? "").startsWith("application/json");
  if (status >= 400 && !isJson) return { status, value: undefined };
  return { status, value: decodeJson(Buffer.concat(chunks), { maxBytes: mostBytes, maxDepth: 200 }).value };
}
