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
import { toContainerdError } from "./containerd-error.ts";

/** The largest message either side may send; containerd's own limit. */
const maxMessageBytes = 16 * 1024 * 1024;

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

/** One HTTP/2 connection to one containerd, seen through one of its namespaces. */
export class ContainerdConnection implements Disposable {
  readonly label: string;
  readonly namespace: string;
  readonly #client: Client;
  readonly #defaultDeadlineMs: number;

  /** `endpoint` is unix:///path. Connecting is lazy: the first call dials. */
  constructor(options: { endpoint: string; namespace: string; defaultDeadlineMs?: number }) {
    this.label = `containerd at ${options.endpoint}`;
    this.namespace = options.namespace;
    this.#defaultDeadlineMs = options.defaultDeadlineMs ?? 60_000;
    this.#client = new Client(options.endpoint, credentials.createInsecure(), {
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
      // A daemon that was restarted is back within milliseconds; the default back-off would waste a second.
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.min_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 500,
    });
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
    const call = this.#client.makeServerStreamRequest(
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
    const call = this.#client.makeBidiStreamRequest(
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
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => (error ? reject(error) : resolve()));
    });
  }

  dispose(): void {
    this.#client.close();
  }

  #unary(method: AnyMethod, request: object, options: ContainerdCallOptions = {}): Promise<object> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        this.#metadata(options),
        this.#callOptions(options),
        (error, response) => {
          if (error) reject(toContainerdError(shortName(method.path), error));
          else resolve(response as object);
        },
      );
      cancelOnAbort(call, options.signal);
    });
  }

  #metadata(options: ContainerdCallOptions): Metadata {
    const metadata = new Metadata();
    metadata.set("containerd-namespace", this.namespace);
    if (options.lease !== undefined) metadata.set("containerd-lease", options.lease);
    return metadata;
  }

  #callOptions(options: ContainerdCallOptions): { deadline?: number } {
    const deadlineMs = options.deadlineMs ?? this.#defaultDeadlineMs;
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
