import type { Clock } from "@berth/base";
import { loadContract } from "@berth/proto";
import {
  isRpcError,
  laneKey,
  Lanes,
  type OutgoingOptions,
  type PromiseClient,
  type ServiceKey,
  type Verb,
  verbsOf,
} from "@berth/verbs";
import { VerbError } from "../contracts/verb-error.ts";
import { CallMetrics } from "./call-metrics.ts";
import type { FinishedCall, FlightRecorder } from "./flight-recorder.ts";
import { GateClosed, PluginGate, type Serving } from "./plugin-gate.ts";
import type { TraceSource } from "./trace-source.ts";

type Request = object;
type AnyClient = Readonly<Record<string, (request: unknown, options?: OutgoingOptions) => unknown>>;

/** Codes of a plugin that is not there, or not in time. Whatever else it says is an answer. */
const noAnswer: readonly string[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED"];

/**
 * The way to one plugin, the same across its incarnations: deadline, lane, gate, trace, recorder, metrics. Clients
 * made from it stay valid for as long as the plugin is wanted on this node.
 */
export class PluginLink {
  readonly plugin: string;
  readonly gate = new PluginGate();
  readonly recorder: FlightRecorder;
  readonly metrics = new CallMetrics();
  /** Full names of the verbs that are answered with nothing when the plugin does not answer. */
  failOpen: ReadonlySet<string> = new Set();
  readonly #clock: Clock;
  readonly #trace: TraceSource;
  readonly #lanes = new Lanes();
  readonly #streams = new Set<AbortController>();
  readonly #clients = new WeakMap<Serving, Map<string, AnyClient>>();

  constructor(plugin: string, parts: { clock: Clock; trace: TraceSource; recorder: FlightRecorder }) {
    this.plugin = plugin;
    this.#clock = parts.clock;
    this.#trace = parts.trace;
    this.recorder = parts.recorder;
  }

  /** Methods reject with {@link VerbError}. */
  client<Definition, Handlers>(key: ServiceKey<Definition, Handlers>): PromiseClient<Definition, Handlers> {
    const methods = verbsOf(loadContract(key.contract), key.name).map((verb) => [
      verb.key,
      this.#method(key, verb),
    ]);
    return Object.fromEntries(methods) as PromiseClient<Definition, Handlers>;
  }

  /** Ends every open server stream; who listens opens it again, and waits at the gate if that is held. */
  endStreams(reason: string): void {
    for (const stream of this.#streams) stream.abort(new GateClosed(reason));
  }

  #method(key: ServiceKey, verb: Verb) {
    if (verb.definition.responseStream) {
      return (request: Request, options?: OutgoingOptions) => this.#stream(key, verb, request, options ?? {});
    }
    if (verb.definition.requestStream) {
      return (requests: Request, options?: OutgoingOptions) => this.#send(key, verb, requests, options ?? {});
    }
    return (request: Request, options?: OutgoingOptions) => this.#unary(key, verb, request, options ?? {});
  }

  #unary(key: ServiceKey, verb: Verb, request: Request, options: OutgoingOptions): Promise<unknown> {
    const lane = verb.options.lane && laneKey(request, verb.options.lane);
    if (lane === undefined) return this.#send(key, verb, request, options);
    const { requestSerialize } = verb.definition;
    return this.#lanes.run(
      `${key.contract} ${lane}`,
      { verb: verb.name, identity: verb.options.idempotent ? requestSerialize(request) : undefined },
      options.signal,
      (signal) => this.#send(key, verb, request, { ...options, signal }),
    );
  }

  /** One call with one answer, whatever the request is. */
  async #send(key: ServiceKey, verb: Verb, request: Request, options: OutgoingOptions): Promise<unknown> {
    const started = this.#clock.monotonic();
    const at = this.#clock.now();
    let incarnation = 0;
    try {
      const serving = await this.#enter(verb, options);
      incarnation = serving.incarnation;
      try {
        const method = this.#methods(serving, key)[verb.key]!;
        const response = await method(request, this.#outgoing(verb, options, started));
        this.#record({ at, key, verb, incarnation, started, code: "OK", detail: "", request, response });
        return response;
      } finally {
        this.gate.leave();
      }
    } catch (error) {
      const failure = this.#failure(verb, error);
      const { code } = failure;
      const isOpen = this.failOpen.has(verb.name) && noAnswer.includes(code);
      const detail = isOpen
        ? `${failure.detail}; the caller went on, since the verb fails open`
        : failure.detail;
      this.#record({ at, key, verb, incarnation, started, code, detail, request, response: undefined });
      if (isOpen) return verb.definition.responseDeserialize(Buffer.alloc(0));
      throw failure;
    }
  }

  async *#stream(key: ServiceKey, verb: Verb, request: Request, options: OutgoingOptions) {
    const started = this.#clock.monotonic();
    const at = this.#clock.now();
    const own = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, own.signal]) : own.signal;
    try {
      const serving = await this.#enter(verb, options);
      // A stream may last for days; it must not hold up a handover.
      this.gate.leave();
      this.#streams.add(own);
      const { incarnation } = serving;
      const method = this.#methods(serving, key)[verb.key]!;
      this.#record({
        at,
        key,
        verb,
        incarnation,
        started,
        code: "OK",
        detail: "opened",
        request,
        response: undefined,
      });
      yield* method(request, { ...this.#outgoing(verb, options, started), signal }) as AsyncIterable<unknown>;
    } catch (error) {
      throw this.#failure(verb, own.signal.aborted ? own.signal.reason : error);
    } finally {
      this.#streams.delete(own);
    }
  }

  /** Waits at a held gate no longer than the call itself may take. */
  async #enter(verb: Verb, options: OutgoingOptions): Promise<Serving> {
    const entered = this.gate.enter();
    if (!(entered instanceof Promise)) return entered;
    const patienceMs = options.deadlineMs ?? (verb.options.deadlineMs || 60_000);
    const done = new AbortController();
    const late = this.#clock.sleep(patienceMs, done.signal).then(() => {
      throw new GateClosed(`its next incarnation did not take over within ${patienceMs} ms`);
    });
    let gaveUp = false;
    // Whoever gave up does not see any more that it was let in, or why not.
    entered.then(
      () => gaveUp && this.gate.leave(),
      () => {},
    );
    try {
      return await Promise.race([entered, late]);
    } catch (error) {
      gaveUp = true;
      throw error;
    } finally {
      done.abort();
    }
  }

  #outgoing(verb: Verb, options: OutgoingOptions, started: number): OutgoingOptions {
    const allowed = options.deadlineMs ?? verb.options.deadlineMs;
    const traceparent = options.parent?.trace ?? this.#trace.next();
    const metadata = options.metadata ? { traceparent, ...options.metadata } : { traceparent };
    if (allowed <= 0) return { ...options, metadata };
    const spent = this.#clock.monotonic() - started;
    return { ...options, metadata, deadlineMs: Math.max(1, allowed - spent) };
  }

  #methods(serving: Serving, key: ServiceKey): AnyClient {
    let clients = this.#clients.get(serving);
    if (!clients) this.#clients.set(serving, (clients = new Map()));
    let client = clients.get(key.name);
    if (!client) clients.set(key.name, (client = serving.connection.client(key) as unknown as AnyClient));
    return client;
  }

  #failure(verb: Verb, error: unknown): VerbError {
    const name = `${this.plugin}: ${verb.name}`;
    if (isRpcError(error)) {
      return new VerbError(name, error.code, error.detail, { retryable: error.retryable, cause: error });
    }
    if (error instanceof GateClosed) {
      return new VerbError(name, "UNAVAILABLE", `the plugin does not serve: ${error.message}`, {
        retryable: true,
      });
    }
    const detail = error instanceof Error ? error.message : String(error);
    return new VerbError(name, "CANCELLED", detail, { retryable: false, cause: error });
  }

  #record({ started, ...call }: Omit<FinishedCall, "milliseconds"> & { started: number }): void {
    const milliseconds = this.#clock.monotonic() - started;
    this.metrics.record(milliseconds, call.code === "OK");
    this.recorder.record({ ...call, milliseconds });
  }
}
