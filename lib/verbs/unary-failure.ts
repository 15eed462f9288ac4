import { constants, type IncomingHttpHeaders } from "node:http2";
import { Metadata, status } from "@grpc/grpc-js";
import { errorMessage } from "@berth/base";

/** A unary call that did not succeed; the fields are those of grpc-js's ServiceError. */
export class UnaryFailure extends Error {
  readonly code: status;
  /** The server's own words, where it said any. */
  readonly details: string;
  readonly metadata: Metadata | undefined;

  constructor(code: status, details: string, metadata?: Metadata) {
    super(details);
    this.code = code;
    this.details = details;
    this.metadata = metadata;
  }
}

/** `when`: "under way", for one. */
export function cancelled(when: string, { reason }: AbortSignal): UnaryFailure {
  return new UnaryFailure(status.CANCELLED, `cancelled ${when}: ${errorMessage(reason)}`);
}

export function late(timeoutMs: number): UnaryFailure {
  return new UnaryFailure(status.DEADLINE_EXCEEDED, `no answer within ${Math.round(timeoutMs)} ms`);
}

/** `what`: "request" or "answer". */
export function tooLarge(what: string, limit: number): UnaryFailure {
  return new UnaryFailure(status.RESOURCE_EXHAUSTED, `the ${what} has more than ${limit} bytes`);
}

export function badAnswer(what: string): UnaryFailure {
  return new UnaryFailure(status.INTERNAL, `the answer ${what}`);
}

/** Without a cause the connection stood and was lost. */
export function noConnection(endpoint: string, cause: unknown): UnaryFailure {
  const text = cause
    ? `no connection to ${endpoint}: ${errorMessage(cause)}`
    : `the connection to ${endpoint} ended before the answer`;
  return new UnaryFailure(status.UNAVAILABLE, text);
}

/** What the trailers say; undefined where they say OK. */
export function failureOfTrailers(trailers: IncomingHttpHeaders): UnaryFailure | undefined {
  const said: status = Number(trailers["grpc-status"]);
  if (said === status.OK) return undefined;
  const code = status[said] === undefined ? status.UNKNOWN : said;
  const message = percentDecoded(String(trailers["grpc-message"] ?? ""));
  return new UnaryFailure(code, message, Metadata.fromHttp2Headers(trailers));
}

/** For an answer of something that speaks HTTP and no gRPC; gRPC's http-grpc-status-mapping. */
export function failureOfHttpStatus(httpStatus: number | undefined): UnaryFailure {
  const code = httpStatuses.get(httpStatus) ?? status.UNKNOWN;
  return new UnaryFailure(code, `HTTP status ${httpStatus ?? "missing"} instead of an answer of gRPC`);
}

/** For a stream that ended without a status; PROTOCOL-HTTP2 of gRPC, "Errors". */
export function failureOfReset(code: number): UnaryFailure {
  return new UnaryFailure(
    resets.get(code) ?? status.INTERNAL,
    `the call was ended without a status (HTTP/2 code ${code})`,
  );
}

const httpStatuses: ReadonlyMap<number | undefined, status> = new Map([
  [400, status.INTERNAL],
  [401, status.UNAUTHENTICATED],
  [403, status.PERMISSION_DENIED],
  [404, status.UNIMPLEMENTED],
  [429, status.UNAVAILABLE],
  [502, status.UNAVAILABLE],
  [503, status.UNAVAILABLE],
  [504, status.UNAVAILABLE],
]);

const resets: ReadonlyMap<number, status> = new Map([
  [constants.NGHTTP2_REFUSED_STREAM, status.UNAVAILABLE],
  [constants.NGHTTP2_CANCEL, status.CANCELLED],
  [constants.NGHTTP2_ENHANCE_YOUR_CALM, status.RESOURCE_EXHAUSTED],
  [constants.NGHTTP2_INADEQUATE_SECURITY, status.PERMISSION_DENIED],
]);

/** Servers encode what is not printable ASCII; one that does it wrong is shown as it came. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
