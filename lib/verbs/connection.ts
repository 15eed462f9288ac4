import { Client, type ChannelOptions, connectivityState, credentials } from "@grpc/grpc-js";
import { loadContract } from "@berth/proto";
import type { Disposable } from "@berth/base";
import { socketPath } from "./endpoint.ts";
import { createMethod } from "./promise-client.ts";
import type { ServiceKey } from "./service-key.ts";
import type { PromiseClient } from "./service-types.ts";
import { verbsOf } from "./verb-options.ts";

/** Largest message either way; the size that runtimes and the kubelet agree on for long lists. */
export const largestMessage = 16 * 1024 * 1024;

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

/** One gRPC connection to a Unix socket. Dials on the first call; disposing fails the calls under way. */
export class Connection implements Disposable {
  readonly endpoint: string;
  readonly #client: Client;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
    this.#client = new Client(`unix://${socketPath(endpoint)}`, credentials.createInsecure(), channelOptions);
  }

  get label(): string {
    return `connection to ${this.endpoint}`;
  }

  /** The service's methods as promises and async iterables, each with its deadline from the verb options. */
  client<Definition, Handlers>(key: ServiceKey<Definition, Handlers>): PromiseClient<Definition, Handlers> {
    const methods = verbsOf(loadContract(key.contract), key.name).map((verb) => [
      verb.key,
      createMethod(this.#client, verb),
    ]);
    return Object.fromEntries(methods) as PromiseClient<Definition, Handlers>;
  }

  /** Resolves when the socket answers; rejects after `ms`. */
  ready(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + ms, (error) =>
        error
          ? reject(new Error(`${this.endpoint} did not answer within ${ms} ms`, { cause: error }))
          : resolve(),
      );
    });
  }

  get connected(): boolean {
    return this.#client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  dispose(): void {
    this.#client.close();
  }
}
