import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { decodeJson, isJsonObject, type JsonObject } from "../../api/index.ts";
import { remoteUserHeaders } from "../bootstrap/extension-authentication.ts";
import type { KeyPair } from "../../http/index.ts";
import type { User } from "../request/request.ts";
import { StatusError } from "../request/status-error.ts";
import type { ServiceResolver } from "../webhooks/service-resolver.ts";
import type { APIService } from "./api-service.ts";

export interface RemoteParts {
  readonly services: ServiceResolver;
  /** The certificate that aggregated servers believe when it names a user. */
  readonly client: () => Promise<KeyPair>;
}

/** Bytes of an answer, or characters of an event. */
export const longestAnswer = 16 * 1024 * 1024;

/** Who asks for documents that everybody is shown. */
export const aggregatorUser: User = { name: "system:kube-aggregator", groups: ["system:masters"] };

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
  /** Undefined when the answer is no JSON, which only one that is not a success may be. */
  readonly value: unknown;
  /** Of this very document. */
  readonly tag?: string | undefined;
}

/** One whole answer. @throws Error when there is none, or none that can be read */
export async function askRemote(options: RequestOptions, body: string | undefined): Promise<RemoteAnswer> {
  return await readAnswer(await openRemote(options, body));
}

/** The head of an answer. @throws Error when there is none */
export async function openRemote(
  options: RequestOptions,
  body: string | undefined,
): Promise<IncomingMessage> {
  const headers = { ...(options.headers as OutgoingHttpHeaders), Accept: "application/json" };
  return await new Promise<IncomingMessage>((resolve, reject) => {
    httpsRequest({ ...options, headers }, resolve)
      .on("error", reject)
      .end(body);
  });
}

export async function readAnswer(answer: IncomingMessage): Promise<RemoteAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestAnswer) throw new Error(`the answer has more than ${longestAnswer} bytes`);
    chunks.push(chunk);
  }
  const status = answer.statusCode ?? 0;
  const isJson = (answer.headers["content-type"] ?? "").startsWith("application/json");
  if (status >= 300 && !isJson) return { status, value: undefined };
  const { value } = decodeJson(Buffer.concat(chunks), { maxBytes: longestAnswer, maxDepth: 200 });
  return { status, value, tag: answer.headers.etag };
}

/** An answer of 400 and above as whoever asked is told it. */
export function refusal({ status, value }: RemoteAnswer): StatusError {
  const { reason, message } = isJsonObject(value) ? value : {};
  const text = (one: unknown, otherwise: string): string => (typeof one === "string" ? one : otherwise);
  const why = text(message, `the server answered with ${status}`);
  return new StatusError(status, text(reason, "InternalError"), why);
}
