import { type CallOptions, type Client, type ClientReadableStream, Metadata } from "@grpc/grpc-js";
import { toRpcError } from "./rpc-error.ts";
import type { OutgoingOptions } from "./service-types.ts";
import type { UnaryChannel } from "./unary-channel.ts";
import type { Verb } from "./verb-options.ts";

/** Milliseconds kept back from a parent's deadline, so that its server can still answer with the cause. */
const parentReserveMs = 1000;

/** What one method is called over: most of a contract is unary, so the other client is made when it is asked for. */
export interface Transport {
  readonly unary: UnaryChannel;
  readonly streaming: () => Client;
}

/** The promise form of one method. */
export function createMethod(
  { unary: channel, streaming }: Transport,
  verb: Verb,
): (request: never, options?: OutgoingOptions) => unknown {
  const { requestStream, responseStream } = verb.definition;
  if (requestStream) return responseStream ? duplex(streaming, verb) : clientStream(streaming, verb);
  return responseStream ? serverStream(streaming, verb) : unary(channel, verb);
}

function unary(channel: UnaryChannel, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return async (request: object, options: OutgoingOptions = {}): Promise<object> => {
    try {
      const answer = await channel.call({
        path,
        message: requestSerialize(request),
        timeoutMs: timeoutMs(verb, options),
        headers: headersOf(options),
        signal: callerSignal(options),
      });
      return responseDeserialize(answer);
    } catch (error) {
      throw toRpcError(verb.name, verb.options.retryable, error);
    }
  };
}

function serverStream(streaming: () => Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return (request: object, options: OutgoingOptions = {}): AsyncIterable<object> => {
    const call = streaming().makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadataOf(options),
      callOptions(verb, options),
    );
    return iterate(call, verb, options);
  };
}

function clientStream(streaming: () => Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return async (requests: AsyncIterable<object>, options: OutgoingOptions = {}): Promise<object> => {
    const answer = Promise.withResolvers<object>();
    const call = streaming().makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadataOf(options),
      callOptions(verb, options),
      (error, response) => {
        if (error) answer.reject(toRpcError(verb.name, verb.options.retryable, error));
        else answer.resolve(response as object);
      },
    );
    const unlink = onAbort(callerSignal(options), () => call.cancel());
    try {
      await Promise.race([answer.promise, sendAll(call, requests, answer.promise)]);
      return await answer.promise;
    } catch (error) {
      call.cancel();
      throw error;
    } finally {
      unlink();
    }
  };
}

function duplex(streaming: () => Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return (requests: AsyncIterable<object>, options: OutgoingOptions = {}): AsyncIterable<object> => {
    const call = streaming().makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadataOf(options),
      callOptions(verb, options),
    );
    const ended = new Promise<void>((resolve) => call.once("close", resolve));
    sendAll(call, requests, ended).catch((error: unknown) => call.destroy(error as Error));
    return iterate(call, verb, options);
  };
}

/** Sends what the iterable yields, waiting where the other side is slow; stops when the call has ended. */
async function sendAll(
  call: NodeJS.EventEmitter & { write(value: object): boolean; end(): void },
  requests: AsyncIterable<object>,
  ended: Promise<unknown>,
): Promise<void> {
  let over = false;
  const end = ended.then(
    () => (over = true),
    () => (over = true),
  );
  for await (const request of requests) {
    if (over) return;
    if (!call.write(request)) {
      await Promise.race([end, new Promise<void>((resolve) => call.once("drain", resolve))]);
    }
  }
  call.end();
}

async function* iterate(
  call: ClientReadableStream<object>,
  verb: Verb,
  options: OutgoingOptions,
): AsyncGenerator<object> {
  const unlink = onAbort(callerSignal(options), () => call.cancel());
  let stall: NodeJS.Timeout | undefined;
  const progress = (): void => {
    if (verb.options.stallMs === 0) return;
    clearTimeout(stall);
    stall = setTimeout(() => call.cancel(), verb.options.stallMs);
  };
  progress();
  try {
    for await (const message of call) {
      progress();
      yield message as object;
    }
  } catch (error) {
    throw toRpcError(verb.name, verb.options.retryable, error);
  } finally {
    clearTimeout(stall);
    unlink();
    call.cancel();
  }
}

/** Milliseconds from now; Infinity for none. */
function timeoutMs(verb: Verb, { deadlineMs, parent }: OutgoingOptions): number {
  const own = deadlineMs ?? verb.options.deadlineMs;
  const inherited =
    parent?.deadline === undefined ? Infinity : Math.max(1, parent.deadline - parentReserveMs - Date.now());
  return Math.min(own > 0 ? own : Infinity, inherited);
}

function callOptions(verb: Verb, options: OutgoingOptions): CallOptions {
  const timeout = timeoutMs(verb, options);
  return timeout === Infinity ? {} : { deadline: Date.now() + timeout };
}

function headersOf({ parent, metadata }: OutgoingOptions): Readonly<Record<string, string>> | undefined {
  return parent?.trace ? { traceparent: parent.trace, ...metadata } : metadata;
}

function metadataOf(options: OutgoingOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headersOf(options) ?? {})) metadata.set(name, value);
  return metadata;
}

function callerSignal(options: OutgoingOptions): AbortSignal | undefined {
  if (options.signal && options.parent) return AbortSignal.any([options.signal, options.parent.signal]);
  return options.signal ?? options.parent?.signal;
}

function onAbort(signal: AbortSignal | undefined, then: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) then();
  signal.addEventListener("abort", then, { once: true });
  return () => signal.removeEventListener("abort", then);
}
