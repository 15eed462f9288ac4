import { type CallOptions, type Client, type ClientReadableStream, Metadata } from "@grpc/grpc-js";
import { type RpcError, toRpcError } from "./rpc-error.ts";
import type { OutgoingOptions } from "./service-types.ts";
import type { Verb } from "./verb-options.ts";

/** Milliseconds kept back from a parent's deadline, so that its server can still answer with the cause. */
const parentReserveMs = 1000;

/** The promise form of one method over an open client. */
export function createMethod(
  client: Client,
  verb: Verb,
): (request: never, options?: OutgoingOptions) => unknown {
  const { requestStream, responseStream } = verb.definition;
  if (requestStream) return responseStream ? duplex(client, verb) : clientStream(client, verb);
  return responseStream ? serverStream(client, verb) : unary(client, verb);
}

function unary(client: Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return (request: object, options: OutgoingOptions = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      const signal = callerSignal(options);
      if (signal?.aborted) return reject(cancelled(verb, signal));
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadataOf(options),
        callOptions(verb, options),
        (error, response) => {
          signal?.removeEventListener("abort", onAbort);
          if (error) reject(toRpcError(verb.name, verb.options.retryable, error));
          else resolve(response as object);
        },
      );
      const onAbort = (): void => call.cancel();
      signal?.addEventListener("abort", onAbort, { once: true });
    });
}

function serverStream(client: Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return (request: object, options: OutgoingOptions = {}): AsyncIterable<object> => {
    const call = client.makeServerStreamRequest(
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

function clientStream(client: Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return async (requests: AsyncIterable<object>, options: OutgoingOptions = {}): Promise<object> => {
    const answer = Promise.withResolvers<object>();
    const call = client.makeClientStreamRequest(
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

function duplex(client: Client, verb: Verb) {
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  return (requests: AsyncIterable<object>, options: OutgoingOptions = {}): AsyncIterable<object> => {
    const call = client.makeBidiStreamRequest(
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

function callOptions(verb: Verb, options: OutgoingOptions): CallOptions {
  const own = options.deadlineMs ?? verb.options.deadlineMs;
  const deadline = own > 0 ? Date.now() + own : Infinity;
  const inherited =
    options.parent?.deadline === undefined ? Infinity : options.parent.deadline - parentReserveMs;
  const earliest = Math.min(deadline, inherited);
  return earliest === Infinity ? {} : { deadline: earliest };
}

function metadataOf(options: OutgoingOptions): Metadata {
  const metadata = new Metadata();
  if (options.parent?.trace) metadata.set("traceparent", options.parent.trace);
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
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

function cancelled(verb: Verb, signal: AbortSignal): RpcError {
  const reason: unknown = signal.reason;
  return toRpcError(verb.name, verb.options.retryable, {
    code: 1,
    details: `cancelled before it was sent: ${reason instanceof Error ? reason.message : String(reason)}`,
  });
}
