import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type MethodDefinition,
} from "@grpc/grpc-js";
import type { Disposable } from "@berth/base";
import { loadContract } from "@berth/proto";
import { largestMessage, UnaryChannel } from "@berth/verbs";
import { toContainerdError } from "./containerd-error.ts";

export interface ContainerdCallOptions {
  /** Milliseconds until the call is given up; `defaultDeadlineMs` of the connection when absent. 0 means never. */
  deadlineMs?: number;
  signal?: AbortSignal;
  /** Objects made by the call belong to this lease until it is deleted. */
  lease?: string;
}

type AnyMethod = MethodDefinition<object, object>;
type RequestOf<M> = M extends { requestSerialize: (value: infer R) => Buffer } ? R : never;
type ResponseOf<M> = M extends { responseDeserialize: (bytes: Buffer) => infer R } ? R : never;

/** Unary methods of a generated service definition as promises, in camelCase. */
export type PromiseClient<Definition> = {
  [Method in keyof Definition as string extends Method ? never : Uncapitalize<Method & string>]: (
    request: RequestOf<Definition[Method]>,
    options?: ContainerdCallOptions,
  ) => Promise<ResponseOf<Definition[Method]>>;
};

/** The way to one containerd, seen through one of its namespaces. Streams have a connection of their own. */
export class ContainerdConnection implements Disposable {
  readonly label: string;
  readonly namespace: string;
  readonly #endpoint: string;
  readonly #unaryChannel: UnaryChannel;
  #streaming: Client | undefined;
  readonly #defaultDeadlineMs: number;

  /** `endpoint` is unix:///path. Connecting is lazy: the first call dials. */
  constructor(options: { endpoint: string; namespace: string; defaultDeadlineMs?: number }) {
    this.label = `containerd at ${options.endpoint}`;
    this.namespace = options.namespace;
    this.#endpoint = options.endpoint;
    this.#defaultDeadlineMs = options.defaultDeadlineMs ?? 60_000;
    this.#unaryChannel = new UnaryChannel(options.endpoint);
  }

  service<Definition>(fullName: string): PromiseClient<Definition> {
    const client: Record<string, unknown> = {};
    for (const [name, method] of Object.entries(serviceMethods(fullName))) {
      if (method.requestStream || method.responseStream) continue;
      client[name.charAt(0).toLowerCase() + name.slice(1)] = (
        request: object,
        options?: ContainerdCallOptions,
      ) => this.#unary(method, request, options);
    }
    return client as PromiseClient<Definition>;
  }

  serverStream<Response>(
    fullName: string,
    methodName: string,
    request: object,
    options: ContainerdCallOptions = {},
  ): ClientReadableStream<Response> {
    const method = methodOf(fullName, methodName);
    const call = this.#streamingClient().makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      this.#metadata(options),
      this.#callOptions({ deadlineMs: 0, ...options }),
    );
    cancelOnAbort(call, options.signal);
    return call as unknown as ClientReadableStream<Response>;
  }

  duplexStream<Request, Response>(
    fullName: string,
    methodName: string,
    options: ContainerdCallOptions = {},
  ): ClientDuplexStream<Request, Response> {
    const method = methodOf(fullName, methodName);
    const call = this.#streamingClient().makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      this.#metadata(options),
      this.#callOptions({ deadlineMs: 0, ...options }),
    );
    cancelOnAbort(call, options.signal);
    return call as unknown as ClientDuplexStream<Request, Response>;
  }

  /** Resolves when the daemon answers on its socket; rejects after `timeoutMs`. */
  waitForReady(timeoutMs: number): Promise<void> {
    return this.#unaryChannel.ready(timeoutMs);
  }

  dispose(): void {
    this.#unaryChannel.dispose();
    this.#streaming?.close();
  }

  #streamingClient(): Client {
    this.#streaming ??= new Client(this.#endpoint, credentials.createInsecure(), {
      "grpc.max_receive_message_length": largestMessage,
      "grpc.max_send_message_length": largestMessage,
      // A daemon that was restarted is back within milliseconds; the default back-off would waste a second.
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.min_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 500,
    });
    return this.#streaming;
  }

  async #unary(method: AnyMethod, request: object, options: ContainerdCallOptions = {}): Promise<object> {
    const deadlineMs = this.#deadlineMs(options);
    try {
      const answer = await this.#unaryChannel.call({
        path: method.path,
        message: method.requestSerialize(request),
        timeoutMs: deadlineMs > 0 ? deadlineMs : Infinity,
        headers: this.#headers(options),
        signal: options.signal,
      });
      return method.responseDeserialize(answer);
    } catch (error) {
      throw toContainerdError(shortName(method.path), error);
    }
  }

  #headers({ lease }: ContainerdCallOptions): Record<string, string> {
    return {
      "containerd-namespace": this.namespace,
      ...(lease === undefined ? {} : { "containerd-lease": lease }),
    };
  }

  #metadata(options: ContainerdCallOptions): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(this.#headers(options))) metadata.set(name, value);
    return metadata;
  }

  #deadlineMs(options: ContainerdCallOptions): number {
    return options.deadlineMs ?? this.#defaultDeadlineMs;
  }

  #callOptions(options: ContainerdCallOptions): { deadline?: number } {
    const deadlineMs = this.#deadlineMs(options);
    return deadlineMs > 0 ? { deadline: Date.now() + deadlineMs } : {};
  }
}

function serviceMethods(fullName: string): Record<string, AnyMethod> {
  const definition = loadContract("containerd")[fullName];
  if (!definition || "format" in definition) {
    throw new Error(`the containerd contract has no service ${fullName}`);
  }
  return definition;
}

function methodOf(fullName: string, name: string): AnyMethod {
  const method = serviceMethods(fullName)[name];
  if (!method) throw new Error(`the containerd contract has no method ${fullName}/${name}`);
  return method;
}

function shortName(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function cancelOnAbort(
  call: { cancel(): void; on(event: "status", listener: () => void): unknown },
  signal?: AbortSignal,
): void {
  if (!signal) return;
  if (signal.aborted) return call.cancel();
  const cancel = (): void => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  call.on("status", () => signal.removeEventListener("abort", cancel));
}
