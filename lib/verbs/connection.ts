import { Client, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { loadContract } from "@berth/proto";
import type { Disposable } from "@berth/base";
import { createMethod, type Transport } from "./promise-client.ts";
import type { ServiceKey } from "./service-key.ts";
import type { PromiseClient } from "./service-types.ts";
import { socketPath } from "./endpoint.ts";
import { UnaryChannel } from "./unary-channel.ts";
import { largestMessage } from "./unary-exchange.ts";
import { verbsOf } from "./verb-options.ts";

const channelOptions: ChannelOptions = {
  "grpc.max_receive_message_length": largestMessage,
  "grpc.max_send_message_length": largestMessage,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.min_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  // Otherwise connections of one process share their back-off, and a re-dial would wait for a dead one's timer.
  "grpc.use_local_subchannel_pool": 1,
};

/**
 * The way to one Unix socket that serves gRPC. Dials on the first call; disposing fails the calls under way. Streams, of
 * which few contracts have any, get a connection of their own.
 */
export class Connection implements Disposable {
  readonly endpoint: string;
  readonly #unary: UnaryChannel;
  #streaming: Client | undefined;

  /** `endpoint`: unix:///path. Throws BERTH_VERBS_ENDPOINT. */
  constructor(endpoint: string) {
    this.endpoint = endpoint;
    this.#unary = new UnaryChannel(endpoint);
  }

  get label(): string {
    return `connection to ${this.endpoint}`;
  }

  /** The service's methods as promises and async iterables, each with its deadline from the verb options. */
  client<Definition, Handlers>(key: ServiceKey<Definition, Handlers>): PromiseClient<Definition, Handlers> {
    const transport: Transport = {
      unary: this.#unary,
      streaming: () =>
        (this.#streaming ??= new Client(
          `unix://${socketPath(this.endpoint)}`,
          credentials.createInsecure(),
          channelOptions,
        )),
    };
    const methods = verbsOf(loadContract(key.contract), key.name).map((verb) => [
      verb.key,
      createMethod(transport, verb),
    ]);
    return Object.fromEntries(methods) as PromiseClient<Definition, Handlers>;
  }

  /** Resolves when the socket answers; rejects after `ms`. */
  ready(ms: number): Promise<void> {
    return this.#unary.ready(ms);
  }

  dispose(): void {
    this.#unary.dispose();
    this.#streaming?.close();
  }
}
