import type { HostNetworkClient } from "./stand-alone-network.ts";
import { type Connection, type PromiseClient, type ServiceKey, services } from "@berth/verbs";

type ClientOf<Key> =
  Key extends ServiceKey<infer Definition, infer Handlers> ? PromiseClient<Definition, Handlers> : never;

/** What the host offers this plugin. A service is undefined when the manifest does not ask for it or no host is there. */
export interface HostClient {
  readonly network: HostNetworkClient | undefined;
  readonly events: ClientOf<typeof services.hostEvents> | undefined;
  readonly secrets: ClientOf<typeof services.hostSecrets> | undefined;
  readonly telemetry: ClientOf<typeof services.hostTelemetry> | undefined;
}

export const noHost: HostClient = {
  network: undefined,
  events: undefined,
  secrets: undefined,
  telemetry: undefined,
};

/** Clients of the granted services over one connection. */
export function createHostClient(connection: Connection, hostServices: readonly string[]): HostClient {
  const granted = new Set(hostServices);
  return {
    network: granted.has("network") ? connection.client(services.hostNetwork) : undefined,
    events: granted.has("events") ? connection.client(services.hostEvents) : undefined,
    secrets: granted.has("secrets") ? connection.client(services.hostSecrets) : undefined,
    telemetry: granted.has("telemetry") ? connection.client(services.hostTelemetry) : undefined,
  };
}
