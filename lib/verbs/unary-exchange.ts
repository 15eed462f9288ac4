import { type ClientHttp2Session, constants, type IncomingHttpHeaders } from "node:http2";
import {
  badAnswer,
  cancelled,
  failureOfHttpStatus,
  failureOfReset,
  failureOfTrailers,
  late,
  noConnection,
  tooLarge,
  type UnaryFailure,
} from "./unary-failure.ts";

/** Largest message either way, in bytes; the size that runtimes and the kubelet agree on for long lists. */
export const largestMessage = 16 * 1024 * 1024;

/** A byte that says whether the message is compressed, and its length in four. */
const prefixBytes = 5;
/** `grpc-timeout` has eight digits at most. */
const longestTimeout = 99_999_999;
/** By so many milliseconds timers of two processes may differ that wait for the same moment. */
const timersDiffer = 2;
/** Node takes a longer delay for one of a millisecond. */
const longestDelay = 2 ** 31 - 1;

/** One request with one answer. */
export interface UnaryCall {
  /** "/csi.v1.Node/NodeStageVolume". */
  readonly path: string;
  readonly message: Uint8Array;
  /** Milliseconds from now; Infinity for none. */
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One call on one HTTP/2 stream, as gRPC's PROTOCOL-HTTP2 has it, without compression. Resolves with the answer's
 * message; rejects with {@link UnaryFailure}.
 */
export function exchange(session: ClientHttp2Session, endpoint: string, call: UnaryCall): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (call.message.length > largestMessage) return reject(tooLarge("request", largestMessage));
    const { signal, timeoutMs } = call;
    const dueAt = performance.now() + timeoutMs - timersDiffer;
    const stream = session.request(headersOf(call));
    const chunks: Buffer[] = [];
    let size = 0;
    let trailers: IncomingHttpHeaders | undefined;
    let hasEnded = false;
    let isSettled = false;

    const settle = (failure: UnaryFailure | undefined): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      // The server counts the same deadline, and may be the first to give up, in words of its own.
      if (failure) reject(performance.now() < dueAt ? failure : late(timeoutMs));
      else resolve(joined(chunks, size).subarray(prefixBytes));
    };
    const giveUp = (failure: UnaryFailure): void => {
      settle(failure);
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const onAbort = (): void => giveUp(cancelled("under way", signal!));
    const onLate = (): void => giveUp(late(timeoutMs));
    const timer = timeoutMs === Infinity ? undefined : setTimeout(onLate, Math.min(timeoutMs, longestDelay));
    signal?.addEventListener("abort", onAbort, { once: true });

    const onStatus = (): void => {
      if (trailers) settle(failureOfTrailers(trailers) ?? checkFrame(chunks, size));
    };
    stream.on("response", (headers) => {
      const status = headers[":status"];
      if (headers["grpc-status"] !== undefined) trailers = headers;
      else if (status !== constants.HTTP_STATUS_OK) giveUp(failureOfHttpStatus(status));
    });
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > largestMessage + prefixBytes) giveUp(tooLarge("answer", largestMessage));
    });
    stream.on("trailers", (headers) => {
      trailers = headers;
      if (hasEnded) onStatus();
    });
    stream.on("end", () => {
      hasEnded = true;
      onStatus();
    });
    // "close" follows, and the stream still knows the error then.
    stream.on("error", () => {});
    stream.on("close", () => {
      const { errored, rstCode } = stream;
      onStatus();
      settle(session.destroyed ? noConnection(endpoint, errored?.cause) : failureOfReset(rstCode));
    });
    stream.end(framed(call.message));
  });
}

function headersOf({ path, headers, timeoutMs }: UnaryCall): Record<string, string> {
  const all: Record<string, string> = {
    ...headers,
    [constants.HTTP2_HEADER_METHOD]: constants.HTTP2_METHOD_POST,
    [constants.HTTP2_HEADER_PATH]: path,
    [constants.HTTP2_HEADER_TE]: "trailers",
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
  };
  if (timeoutMs !== Infinity) all["grpc-timeout"] = timeoutText(timeoutMs);
  return all;
}

function timeoutText(ms: number): string {
  return ms <= longestTimeout ? `${Math.ceil(ms)}m` : `${Math.min(longestTimeout, Math.ceil(ms / 1000))}S`;
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** An answer without a failure is one message, whole and not compressed. */
function checkFrame(chunks: readonly Buffer[], size: number): UnaryFailure | undefined {
  if (size < prefixBytes) return badAnswer("said OK without a message");
  const prefix = joined(chunks, prefixBytes);
  if (prefix[0] !== 0) return badAnswer("is compressed, which was not asked for");
  const length = prefix.readUInt32BE(1);
  return length === size - prefixBytes
    ? undefined
    : badAnswer(`announces a message of ${length} bytes and brings ${size - prefixBytes}`);
}

/** The first bytes of all chunks together; most answers come in one. */
function joined(chunks: readonly Buffer[], size: number): Buffer {
  return chunks.length === 1 ? chunks[0]!.subarray(0, size) : Buffer.concat(chunks, size);
}
