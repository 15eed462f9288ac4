import type {
  Metadata,
  Server,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
} from "@grpc/grpc-js";
import { errorMessage, type Logger } from "@berth/base";
import { describeContract, loadContract } from "@berth/proto";
import { laneKey, Lanes, Redactor, type Verb, verbsOf } from "@berth/verbs";
import { CallsUnderWay } from "./calls.ts";
import type { Configuration } from "./configurations.ts";
import type { Call, ServedService } from "./plugin-definition.ts";
import { isUnforeseen, PluginError, toStatus } from "./plugin-error.ts";

/** Answers with the configuration to use for a verb, or throws why it cannot be served now. */
export type Admission = (verb: Verb) => Promise<Configuration>;

/** What every kind of call has. */
type ServerCall = Pick<ServerUnaryCall<object, object>, "metadata" | "getDeadline" | "on">;

type Method = (input: never, call: Call) => unknown;

/** Puts the verbs of a plugin on a gRPC server: admission, lanes, deadlines, cancelling, errors, log. */
export class VerbServer {
  readonly calls = new CallsUnderWay();
  readonly #lanes = new Lanes();
  readonly #admit: Admission;
  readonly #log: Logger;
  readonly #wire = new WeakMap<object, Uint8Array>();

  constructor(admit: Admission, log: Logger) {
    this.#admit = admit;
    this.#log = log;
  }

  addTo(server: Server, services: readonly ServedService[]): void {
    for (const service of services) {
      const redactor = new Redactor(describeContract(service.key.contract));
      const verbs = verbsOf(loadContract(service.key.contract), service.key.name);
      const definitions = verbs.map((verb) => [verb.method, this.#keepingWire(verb)]);
      const handlers = verbs.map((verb) => [verb.method, this.#handler(verb, service, redactor)]);
      server.addService(Object.fromEntries(definitions), Object.fromEntries(handlers));
    }
  }

  /** The bytes of a request are its identity in a lane; comparing them costs less than comparing objects. */
  #keepingWire(verb: Verb): Verb["definition"] {
    if (verb.options.lane === undefined || verb.definition.requestStream) return verb.definition;
    return {
      ...verb.definition,
      requestDeserialize: (bytes) => {
        const request = verb.definition.requestDeserialize(bytes);
        this.#wire.set(request, bytes);
        return request;
      },
    };
  }

  #handler(verb: Verb, service: ServedService, redactor: Redactor): unknown {
    if (!service.verbs.includes(verb.key))
      return (call: unknown, callback?: unknown) => refuse(verb, call, callback);
    const { requestStream, responseStream } = verb.definition;
    if (!responseStream) {
      return (
        call: ServerUnaryCall<object, object> & ServerReadableStream<object, object>,
        done: sendUnaryData<object>,
      ) => void this.#answerOnce(verb, redactor, call, requestStream ? call : call.request, done);
    }
    return (call: ServerWritableStream<object, object> & ServerDuplexStream<object, object>) =>
      void this.#answerMany(verb, redactor, call, requestStream ? call : call.request);
  }

  async #answerOnce(
    verb: Verb,
    redactor: Redactor,
    call: ServerCall,
    input: object,
    done: sendUnaryData<object>,
  ): Promise<void> {
    const watch = this.#watch(verb, call);
    try {
      const lane = laneOf(verb, input);
      const run = (signal: AbortSignal): Promise<object> =>
        this.#withConfiguration(verb, (implementation) =>
          implementation[verb.key]!(input as never, { ...watch.call, signal }),
        ) as Promise<object>;
      const answer =
        lane === undefined
          ? await run(watch.call.signal)
          : await this.#lanes.run(
              lane,
              { verb: verb.name, identity: this.#wire.get(input) },
              watch.call.signal,
              run,
            );
      done(null, answer);
    } catch (error) {
      this.#logFailure(verb, redactor, input, error);
      done(toStatus(error, watch.call.signal));
    } finally {
      watch.end();
    }
  }

  async #answerMany(
    verb: Verb,
    redactor: Redactor,
    call: ServerWritableStream<object, object>,
    input: object,
  ): Promise<void> {
    const watch = this.#watch(verb, call);
    try {
      await this.#withConfiguration(verb, async (implementation) => {
        const answers = implementation[verb.key]!(input as never, watch.call) as AsyncIterable<object>;
        await sendAll(call, answers, watch.call);
      });
      call.end();
    } catch (error) {
      // Who opens a stream that has no end of its own ends it so.
      if (call.cancelled) this.#log.debug("the caller ended the stream", { verb: verb.name });
      else this.#logFailure(verb, redactor, input, error);
      call.emit("error", toStatus(error, watch.call.signal));
    } finally {
      watch.end();
    }
  }

  async #withConfiguration(
    verb: Verb,
    use: (implementation: Record<string, Method>) => unknown,
  ): Promise<unknown> {
    const configuration = await this.#admit(verb);
    configuration.enter();
    try {
      return await use(configuration.implementation(verb.service) as Record<string, Method>);
    } finally {
      configuration.leave();
    }
  }

  /** Joins cancel, deadline, stall and drain in one signal. */
  #watch(verb: Verb, call: ServerCall): { call: Call; end: () => void } {
    const { abort, leave } = this.calls.enter();
    const deadline = deadlineOf(verb, call);
    const timers: NodeJS.Timeout[] = [];
    const abortIn = (ms: number, reason: Error): NodeJS.Timeout => setTimeout(() => abort.abort(reason), ms);
    if (deadline !== undefined) {
      const late = new PluginError("DEADLINE_EXCEEDED", `${verb.name}: the deadline has passed`, "");
      timers[0] = abortIn(Math.max(0, deadline - Date.now()), late);
    }
    const progress = (): void => {
      if (verb.options.stallMs === 0) return;
      clearTimeout(timers[1]);
      const stalled = new Error(`${verb.name}: nothing moved for ${verb.options.stallMs} ms`);
      timers[1] = abortIn(verb.options.stallMs, stalled);
    };
    progress();
    call.on("cancelled", () => abort.abort(new Error(`${verb.name}: the caller gave up`)));
    return {
      call: {
        verb: verb.name,
        signal: abort.signal,
        deadline,
        trace: headerOf(call.metadata, "traceparent"),
        log: this.#log,
        progress,
        header: (name) => headerOf(call.metadata, name),
      },
      end: () => {
        for (const timer of timers) clearTimeout(timer);
        leave();
      },
    };
  }

  #logFailure(verb: Verb, redactor: Redactor, input: object, error: unknown): void {
    const unforeseen = isUnforeseen(error);
    const fields = {
      verb: verb.name,
      error: errorMessage(error),
      ...(verb.definition.requestStream ? {} : { request: redactor.redact(requestType(verb), input) }),
      ...(unforeseen && error instanceof Error ? { stack: error.stack } : {}),
    };
    if (unforeseen) this.#log.error("verb failed", fields);
    else this.#log.debug("verb refused", fields);
  }
}

async function sendAll(
  call: ServerWritableStream<object, object>,
  answers: AsyncIterable<object>,
  context: Call,
): Promise<void> {
  const gone = new Promise<void>((resolve) =>
    context.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  const iterator = answers[Symbol.asyncIterator]();
  try {
    while (!context.signal.aborted) {
      const step = await Promise.race([iterator.next(), gone]);
      if (!step || step.done) break;
      context.progress();
      if (!call.write(step.value)) {
        await Promise.race([gone, new Promise<void>((resolve) => call.once("drain", resolve))]);
      }
    }
  } finally {
    // A generator that waits for something else returns only when that settles; nobody waits for it here.
    void iterator.return?.();
  }
  context.signal.throwIfAborted();
}

function refuse(verb: Verb, call: unknown, callback: unknown): void {
  const status = toStatus(
    new PluginError(
      "UNIMPLEMENTED",
      `this plugin does not implement ${verb.name}`,
      "Ask its capabilities first.",
    ),
  );
  if (typeof callback === "function") (callback as sendUnaryData<object>)(status);
  else (call as ServerWritableStream<object, object>).emit("error", status);
}

function laneOf(verb: Verb, input: object): string | undefined {
  if (!verb.options.lane || verb.definition.requestStream) return undefined;
  return laneKey(input, verb.options.lane);
}

/** The caller's deadline, or the contract's own when the caller set none. */
function deadlineOf(verb: Verb, call: ServerCall): number | undefined {
  const given = call.getDeadline();
  const at = given instanceof Date ? given.getTime() : given;
  if (at !== Infinity) return at;
  return verb.options.deadlineMs > 0 ? Date.now() + verb.options.deadlineMs : undefined;
}

function headerOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

function requestType(verb: Verb): string {
  const name = verb.definition.requestType?.type.name ?? "";
  return `${verb.service.slice(0, verb.service.lastIndexOf("."))}.${name}`;
}
