import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { Clock } from "@berth/base";
import { stringify } from "yaml";
import { decodeJson, isExactInteger, noJsonLimits } from "../../api/index.ts";
import type { HttpResponse } from "../../http/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import { PageNotFound, type StatusError } from "../request/status-error.ts";
import {
  acceptsGzip,
  type OutputForm,
  isYamlWanted,
  outputForm,
  untabledForm,
  readByPeople,
  streamForm,
  wantsIndented,
} from "./accept.ts";
import { checkMany, includeObjectOf, listPieces, objectBytes } from "./render-object.ts";
import type { WatchRendering } from "./render-watch.ts";
import { ResponseSink } from "./watch-sink.ts";
import type { WatchWriters } from "./watch-writers.ts";

const zip = promisify(gzip);
/** Below this the compression costs more than it saves. */
const gzipFrom = 128 * 1024;
/** Up to this an answer goes out in one piece with its head. */
const joinedBelow = 16 * 1024;

export interface ReplyWriter {
  readonly clock: Clock;
  readonly watches: WatchWriters;
  /** Calls `giveUp` unless what it returns is called in time. */
  waitsFor(bytes: number, giveUp: () => void): () => void;
}

/** Nobody reads more than that, and writing it anew would keep others waiting. */
const mostIndented = 4 * 1024 * 1024;

/** What an answer's head depends on. */
type Answered = Pick<ServerRequest, "headers" | "auditId">;

/** Turns what the registry answered into an HTTP answer. */
export async function writeReply(
  reply: Reply,
  request: ServerRequest,
  response: HttpResponse,
  writer: ReplyWriter,
): Promise<void> {
  if (reply.kind === "taken") return;
  if (reply.kind === "events") throw new Error("events of another server are for callers in this process");
  if (request.warnings.length > 0) response.setHeader("Warning", warningHeaders(request.warnings));
  if (reply.kind === "bytes") {
    await send(request, response, reply.status, reply.contentType, [Buffer.from(reply.body)], reply.headers);
    return;
  }
  if (reply.kind === "watch") {
    const rendering = watchRendering(request);
    beginWatch(response, request.auditId);
    writer.watches.start(reply, new ResponseSink(response), rendering);
    return;
  }
  const accept = request.headers["accept"];
  const form = hasTable(reply) ? outputForm(accept) : untabledForm(accept);
  const rendering = { form, includeObject: includeObjectOf(request.query, form) };
  const now = writer.clock.now();
  if (reply.kind === "list") {
    checkMany(form, reply.of, true);
    await sendForm(request, response, 200, form, listPieces(reply, { ...rendering, now }));
  } else if (reply.kind === "stored") {
    checkMany(form, reply.of, false);
    const bytes = objectBytes(reply.of, reply.object, { ...rendering, now });
    await sendForm(request, response, reply.status, form, [bytes]);
  } else {
    const bytes = Buffer.from(JSON.stringify(reply.value));
    await sendForm(request, response, reply.status, form, [bytes], reply.headers);
  }
}

/** A Status is answered in whatever form objects are asked for, and a handler may have made the table itself. */
function hasTable(reply: Reply): boolean {
  if (reply.kind !== "object") return true;
  const { kind } = reply.value as { kind?: unknown };
  return kind === "Status" || kind === "Table";
}

/** The head of an answer that may last for hours: what is remembered of it is a good part of what an idle watch costs. */
function beginWatch(response: HttpResponse, auditId: string | undefined): void {
  const head = {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache, private",
    // The id is put together of pieces, which would all be kept with it.
    ...(auditId === undefined ? {} : { "Audit-Id": Buffer.from(auditId, "latin1").toString("latin1") }),
  };
  response.writeHead(200, head);
  response.flushHeaders();
}

/** How the objects of a watch are written. @throws StatusError 400, 406 */
export function watchRendering({ headers, query }: ServerRequest): WatchRendering {
  const form = streamForm(headers["accept"]);
  return { form, includeObject: includeObjectOf(query, form) };
}

/** An error is always JSON or YAML, whatever else the client asked for. */
export async function writeError(
  error: StatusError,
  request: Answered & Partial<Pick<ServerRequest, "warnings">>,
  response: HttpResponse,
): Promise<void> {
  if (response.headersSent) {
    response.end();
    return;
  }
  if (request.warnings?.length) response.setHeader("Warning", warningHeaders(request.warnings));
  const retry = error.details?.retryAfterSeconds;
  if (retry !== undefined) response.setHeader("Retry-After", String(retry));
  if (error instanceof PageNotFound) {
    const text = [Buffer.from("404 page not found\n")];
    return send(request, response, error.code, "text/plain; charset=utf-8", text, {
      "X-Content-Type-Options": "nosniff",
    });
  }
  if (isYamlWanted(request.headers["accept"])) {
    const text = [Buffer.from(asYaml(error.toStatus()))];
    return send(request, response, error.code, "application/yaml", text);
  }
  const indent = readByPeople(request.headers) ? 2 : undefined;
  await send(request, response, error.code, "application/json", [
    Buffer.from(`${JSON.stringify(error.toStatus(), undefined, indent)}\n`),
  ]);
}

async function sendForm(
  request: ServerRequest,
  response: HttpResponse,
  status: number,
  form: OutputForm,
  pieces: readonly Buffer[],
  headers?: Readonly<Record<string, string>>,
): Promise<void> {
  const { encoding } = form;
  const type = `application/${encoding}`;
  if (encoding === "json" && !isIndented(request, pieces))
    return send(request, response, status, type, pieces, headers);
  const { value } = decodeJson(Buffer.concat(pieces), noJsonLimits);
  const text = encoding === "json" ? JSON.stringify(value, undefined, 2) : asYaml(value);
  return send(request, response, status, type, [Buffer.from(text)], headers);
}

function isIndented(request: ServerRequest, pieces: readonly Buffer[]): boolean {
  return wantsIndented(request) && pieces.reduce((sum, { length }) => sum + length, 0) <= mostIndented;
}

function asYaml(value: unknown): string {
  const digits = (_: unknown, one: unknown): unknown => (isExactInteger(one) ? BigInt(one.rawJSON) : one);
  const text = stringify(value, digits, {
    lineWidth: 0,
    sortMapEntries: true,
    indentSeq: false,
    version: "1.1",
    schema: "yaml-1.1",
  });
  // Go takes a dot for a text, not for a number without digits.
  return text.replaceAll(/^( *)"\.": /gm, "$1.: ");
}

async function send(
  request: Answered,
  response: HttpResponse,
  status: number,
  contentType: string,
  pieces: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size);
  // A list of all that there is to say, and nothing set before, spares Node a table of headers for each answer.
  const head = ["Content-Type", contentType];
  if (headers["Cache-Control"] === undefined) head.push("Cache-Control", "no-cache, private");
  if (request.auditId !== undefined) head.push("Audit-Id", request.auditId);
  for (const name in headers) head.push(name, headers[name]!);
  if (size < gzipFrom || !acceptsGzip(request.headers["accept-encoding"])) {
    response.writeHead(status, [...head, "Content-Length", String(size)]);
    // A string is written together with the head, in one step; every byte is one character of it.
    if (size < joinedBelow) response.end(whole.toString("latin1"), "latin1");
    else response.end(whole);
    return;
  }
  const zipped = await zip(whole, { level: constants.Z_BEST_SPEED });
  const zippedHead = ["Content-Encoding", "gzip", "Vary", "Accept-Encoding"];
  response.writeHead(status, [...head, ...zippedHead, "Content-Length", String(zipped.length)]);
  response.end(zipped);
}

/** All warnings together; clients read no endless headers. */
const mostWarningCharacters = 4096;
const longestWhenMany = 256;

/** When they are too many to be sent as they are, each is cut short, and the last ones are left out. */
function warningHeaders(warnings: readonly string[]): string[] {
  const whole = warnings.map(warningHeader);
  let left = mostWarningCharacters;
  if (whole.reduce((sum, { length }) => sum + length, 0) <= left) return whole;
  return warnings
    .map((text) => warningHeader(text.slice(0, longestWhenMany)))
    .filter(({ length }) => (left -= length) >= 0);
}

/** RFC 7234: code 299, no agent, the text quoted; line breaks cannot stand in a header. */
function warningHeader(text: string): string {
  const quoted = text.replaceAll(/[\r\n]+/g, " ").replaceAll(/["\\]/g, (one) => `\\${one}`);
  return `299 - "${quoted.replaceAll(/[^ -~]/gu, "?").slice(0, 4096)}"`;
}
