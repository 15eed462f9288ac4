import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  connectivityState,
  Metadata,
  type MethodDefinition,
} from "@grpc/grpc-js";
import { loadContract } from "@berth/proto";
import { EtcdError, toEtcdError } from "./etcd-error.ts";

/** So long a second question may take that only learns why there is no connection. */
const reasonMs = 500;

type AnyMethod = MethodDefinition<object, object>;

/** One HTTP/2 connection to one member. Connecting is lazy, and goes on in the background after a loss. */
export class EtcdMember {
  /** `https://10.0.0.1:2379`. */
  readonly server: string;
  readonly #client: Client;

  constructor(server: string, credentials: ChannelCredentials) {
    this.server = server;
    this.#client = new Client(new URL(server).host, credentials, {
      // Lists are as large as what they list; the members limit what they take.
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.min_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 1000,
      // A member whose machine is gone answers nothing; etcd refuses clients that ask more often than every 5 s.
      "grpc.keepalive_time_ms": 10_000,
      "grpc.keepalive_timeout_ms": 3_000,
      "grpc.keepalive_permit_without_calls": 1,
      // Otherwise clients of one process with the same address share one connection, and its fate.
      "grpc.use_local_subchannel_pool": 1,
    });
  }

  /** Resolves when the connection stands; EtcdError that says `unsent` after `timeoutMs`. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.#client.getChannel().getConnectivityState(true) === connectivityState.READY) return;
    const late = await new Promise<Error | undefined>((resolve) =>
      this.#client.waitForReady(Date.now() + timeoutMs, resolve),
    );
    if (!late) return;
    const why = `${this.server} cannot be reached: ${(await this.#reason()) ?? late.message}`;
    throw new EtcdError("connect", "UNAVAILABLE", why, { unsent: true });
  }

  /** What the last try to connect met, which only a call that does not wait for a connection is told. */
  async #reason(): Promise<string | undefined> {
    try {
      await this.call("Maintenance", "Status", {}, reasonMs, new Metadata());
      return undefined;
    } catch (error) {
      return error instanceof EtcdError && error.code === "UNAVAILABLE" ? error.detail : undefined;
    }
  }

  call<Response>(
    service: string,
    name: string,
    request: object,
    deadlineMs: number,
    metadata: Metadata,
  ): Promise<Response> {
    const method = methodOf(service, name);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + deadlineMs },
        (error, response) => {
          if (error) reject(toEtcdError(name, error));
          else resolve(response as Response);
        },
      );
    });
  }

  stream<Request, Response>(
    service: string,
    name: string,
    metadata: Metadata,
  ): ClientDuplexStream<Request, Response> {
    const method = methodOf(service, name);
    const call = this.#client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      metadata,
    );
    return call as unknown as ClientDuplexStream<Request, Response>;
  }

  close(): void {
    this.#client.close();
  }
}

function methodOf(service: string, name: string): AnyMethod {
  const definition = loadContract("etcd")[`etcdserverpb.${service}`];
  const method =
    definition && !("format" in definition) ? (definition as Record<string, AnyMethod>)[name] : undefined;
  if (!method) throw new Error(`the etcd contract has no method ${service}/${name}`);
  return method;
}
