import type { Attachment } from "../attachments/attachment.ts";
import type { NetworkSettings } from "../network/network-settings.ts";
import {
  HostPortTakenError,
  InterfaceExistsError,
  NamespaceMissingError,
  type NetworkBackend,
  type NetworkFacts,
  type ObservedAttachment,
} from "./network-backend.ts";

/** A kernel in memory, for tests of everything above it. Faults are set from outside. */
export class FakeNetworkBackend implements NetworkBackend {
  readonly networks = new Map<string, NetworkSettings>();
  readonly links = new Map<string, Attachment>();
  /** Interfaces that somebody else made, as NETNS/IFNAME. */
  readonly foreign = new Set<string>();
  readonly missingNamespaces = new Set<string>();
  /** Thrown by the next attach, after the links are made. */
  attachFailure: Error | undefined;
  detachFailure: Error | undefined;
  obstacle: string | undefined;

  async ensureNetwork(settings: NetworkSettings): Promise<NetworkFacts> {
    this.networks.set(settings.bridge, settings);
    return { mtu: settings.mtu || 1500 };
  }

  async attach(attachment: Attachment): Promise<void> {
    const { netns, ifname, hostLink } = attachment;
    if (this.missingNamespaces.has(netns)) throw new NamespaceMissingError(netns);
    if (this.foreign.has(`${netns}/${ifname}`)) throw new InterfaceExistsError(ifname, netns);
    for (const other of this.links.values()) {
      for (const port of other.hostPorts) {
        if (!attachment.hostPorts.some((mine) => mine.hostPort === port.hostPort)) continue;
        throw new HostPortTakenError(`${port.protocol}/${port.hostPort}`, other.containerId);
      }
    }
    this.links.set(hostLink, attachment);
    const failure = this.attachFailure;
    this.attachFailure = undefined;
    if (failure) throw failure;
  }

  async detach(attachment: Attachment): Promise<void> {
    if (this.detachFailure) throw this.detachFailure;
    this.links.delete(attachment.hostLink);
  }

  isAttached(attachment: Attachment): boolean {
    return this.links.has(attachment.hostLink);
  }

  observe(attachment: Attachment): ObservedAttachment {
    const found = this.links.get(attachment.hostLink);
    const netnsExists = !this.missingNamespaces.has(attachment.netns);
    if (!found) return { netnsExists, addresses: [], gateways: [], hostPorts: [] };
    return {
      netnsExists,
      hostLink: { onBridge: true, isUp: true },
      podLink: { mac: found.mac, isUp: true },
      addresses: found.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
      gateways: found.addresses.map(({ gateway }) => gateway),
      hostPorts: found.hostPorts.map(({ protocol, hostPort }) => `${protocol}/${hostPort}`),
    };
  }

  repairHostPorts(): void {}

  async removeStrangers(_bridge: string, attachments: readonly Attachment[]): Promise<string[]> {
    const known = new Set(attachments.map(({ hostLink }) => hostLink));
    const strangers = [...this.links.keys()].filter((link) => !known.has(link));
    for (const link of strangers) this.links.delete(link);
    return strangers;
  }

  findObstacle(): string | undefined {
    return this.obstacle;
  }

  async removeNetwork(bridge: string): Promise<void> {
    this.networks.delete(bridge);
  }

  dispose(): void {}
}
