import { BerthError } from "@berth/base";
import type { HostClient } from "@berth/sdk";
import type { ParentCall } from "@berth/verbs";
import type { PortMapping__Output } from "@berth/proto/generated/cri/runtime/v1/PortMapping.ts";
import { sandboxFailed } from "../cri-error.ts";
import type { SandboxRecord } from "../records.ts";

/** A pod's way to the network: the host's chain of network plugins, or one network plugin's socket. */
export class SandboxNetwork {
  readonly #network: HostClient["network"];

  /** `network` is undefined when this plugin was started with neither: then only pods on the node's network run. */
  constructor(network: HostClient["network"]) {
    this.#network = network;
  }

  /** Addresses of the pod, first the primary one. A repeated call answers the same. */
  async attach(sandbox: SandboxRecord, netns: string, call: ParentCall): Promise<string[]> {
    const metadata = sandbox.config.metadata!;
    const answer = await this.#required().attach(
      {
        sandbox_id: sandbox.id,
        netns,
        pod: { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
        annotations: sandbox.config.annotations,
        runtime_config: { port_mappings: portMappings(sandbox.config.port_mappings) },
      },
      { parent: call },
    );
    const ips = (answer.result?.ips ?? []).map(({ address }) => address.split("/")[0]!);
    if (ips.length === 0) {
      throw new BerthError(
        sandboxFailed,
        `the network gave pod ${metadata.namespace}/${metadata.name} no address`,
      );
    }
    return ips;
  }

  /** Nothing attached is fine. `netns` is empty when the namespace is gone. */
  async detach(sandboxId: string, netns: string): Promise<void> {
    await this.#network?.detach({ sandbox_id: sandboxId, netns });
  }

  async status(): Promise<{ ready: boolean; reason: string }> {
    if (!this.#network) {
      return { ready: false, reason: "started without a host and without --network-endpoint" };
    }
    return this.#network.networkStatus({});
  }

  #required(): NonNullable<HostClient["network"]> {
    if (this.#network) return this.#network;
    throw new BerthError(
      sandboxFailed,
      "there is no network: start this plugin under a Berth host or with --network-endpoint unix:///…",
    );
  }
}

function portMappings(mappings: readonly PortMapping__Output[]) {
  return mappings
    .filter(({ host_port }) => host_port > 0)
    .map(({ host_port, container_port, protocol, host_ip }) => ({
      host_port,
      container_port,
      protocol: protocol.toLowerCase(),
      host_ip,
    }));
}
