import type { Clock } from "@berth/base";
import {
  encodeIp,
  isErrno,
  isNetworkNamespace,
  type Link,
  NftablesSocket,
  removeLink,
  routeRequests,
  RouteSocket,
  withNamespaceFd,
} from "@berth/linux";
import { type Attachment, hostLinkPrefix, linkAlias, macFor } from "../attachments/attachment.ts";
import { firewallRules, firewallTable } from "../network/firewall.ts";
import type { NetworkSettings } from "../network/network-settings.ts";
import { HostPorts } from "./host-ports.ts";
import {
  InterfaceExistsError,
  NamespaceMissingError,
  type NetworkBackend,
  type NetworkFacts,
  type ObservedAttachment,
} from "./network-backend.ts";
import { observeAttachment } from "./observe.ts";
import { runNft } from "./run-nft.ts";
import { readSysctl, setSysctl } from "./sysctl.ts";

const pairKind = "veth";
/** Of every network namespace. */
const loopbackIndex = 1;

/** Bridge, veth and nftables of this node. */
export class KernelNetworkBackend implements NetworkBackend {
  readonly #clock: Clock;
  readonly #route = RouteSocket.open();
  readonly #nftables = new NftablesSocket();
  readonly #hostPorts = new HostPorts(this.#nftables);
  /** Bridges whose table this process has written: rules may have changed with the version. */
  readonly #written = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async ensureNetwork(settings: NetworkSettings): Promise<NetworkFacts> {
    const found = this.#route.findLink(settings.bridge);
    const mtu = settings.mtu || (found?.mtu ?? this.#defaultMtu());
    if (found && found.kind !== "bridge") {
      throw new Error(
        `link ${settings.bridge} exists and is a ${found.kind || "hardware"} link, not a bridge`,
      );
    }
    if (!found) this.#makeBridge(settings, mtu);
    if (!this.#written.has(settings.bridge) || !this.#hasTable(settings.bridge)) {
      await runNft(firewallRules(settings));
      this.#written.add(settings.bridge);
    }
    return { mtu };
  }

  #hasTable(bridge: string): boolean {
    return this.#nftables.hasTable("inet", firewallTable(bridge));
  }

  #defaultMtu(): number {
    const route = this.#route.listRoutes().find((each) => /^(0\.0\.0\.0|::)\/0$/.test(each.destination));
    const link = route?.linkIndex === undefined ? undefined : this.#route.findLink(route.linkIndex);
    return link?.mtu ?? 1500;
  }

  #makeBridge({ bridge, ranges }: NetworkSettings, mtu: number): void {
    // A fixed address: a bridge without one takes the lowest of its ports and changes it as pods come and go.
    const mac = macFor(ranges[0]?.gateway ?? "0.0.0.0", encodeIp);
    this.#route.apply(routeRequests.newBridge({ name: bridge, mtu, mac, isUp: true }));
    const linkIndex = this.#route.findLink(bridge)?.index ?? 0;
    const addresses = ranges.map((range) =>
      routeRequests.addAddress({ linkIndex, address: range.gateway, prefixLength: range.prefixLength }),
    );
    this.#route.apply(...addresses);
    this.#openForwarding(bridge, ranges);
  }

  #openForwarding(bridge: string, ranges: NetworkSettings["ranges"]): void {
    if (ranges.some(({ version }) => version === 4)) {
      setSysctl("net/ipv4/ip_forward", "1");
      setSysctl(`net/ipv4/conf/${bridge}/route_localnet`, "1");
    }
    if (!ranges.some(({ version }) => version === 6)) return;
    // A node that forwards ignores router advertisements unless told twice, and would lose its own default route.
    for (const { name } of this.#route.listLinks()) {
      const setting = `net/ipv6/conf/${name}/accept_ra`;
      if (readSysctl(setting) === "1") setSysctl(setting, "2");
    }
    setSysctl("net/ipv6/conf/all/forwarding", "1");
  }

  async attach(attachment: Attachment, settings: NetworkSettings): Promise<void> {
    const { netns, hostLink, ifname, mac, mtu, bridge } = attachment;
    if (!isNetworkNamespace(netns)) throw new NamespaceMissingError(netns);
    const masterIndex = this.#route.findLink(bridge)?.index;
    if (masterIndex === undefined) throw new Error(`bridge ${bridge} is gone`);
    const make = (): void =>
      withNamespaceFd(netns, (namespaceFd) =>
        this.#route.apply(
          routeRequests.newVeth(
            { name: hostLink, mtu, masterIndex, isUp: true },
            { name: ifname, mtu, mac, namespaceFd },
          ),
        ),
      );
    try {
      make();
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      if (!(await this.#removeHostLink(hostLink))) throw new InterfaceExistsError(ifname, netns);
      make();
    }
    const index = this.#route.findLink(hostLink)?.index ?? 0;
    this.#route.apply(
      routeRequests.setBridgePort(index, { hairpin: settings.hairpin }),
      routeRequests.setLink(index, { alias: linkAlias(attachment) }),
    );
    this.#configurePodLink(attachment);
    this.#hostPorts.add(attachment);
  }

  #configurePodLink({ netns, ifname, addresses }: Attachment): void {
    const socket = RouteSocket.open(netns);
    try {
      const linkIndex = socket.findLink(ifname)?.index ?? 0;
      socket.apply(
        routeRequests.setLink(loopbackIndex, { isUp: true }),
        routeRequests.setLink(linkIndex, { isUp: true }),
        ...addresses.flatMap(({ address, prefixLength, gateway }) => [
          routeRequests.addAddress({ linkIndex, address, prefixLength }),
          routeRequests.addRoute({
            destination: gateway.includes(":") ? "::/0" : "0.0.0.0/0",
            gateway,
            linkIndex,
          }),
        ]),
      );
    } finally {
      socket.close();
    }
  }

  async detach(attachment: Attachment): Promise<void> {
    this.#hostPorts.remove(attachment);
    await this.#removeHostLink(attachment.hostLink);
  }

  /** The pod's end goes with it, also when the namespace's path is gone but a process still holds it. */
  async #removeHostLink(name: string): Promise<boolean> {
    const link = this.#route.findLink(name);
    if (link?.kind !== pairKind) return false;
    await removeLink(link.index, this.#clock);
    return true;
  }

  isAttached(attachment: Attachment): boolean {
    return this.#route.findLink(attachment.hostLink) !== undefined && isNetworkNamespace(attachment.netns);
  }

  observe(attachment: Attachment): ObservedAttachment {
    const hostPorts = this.#hostPorts.list(attachment);
    return observeAttachment(this.#route, attachment, hostPorts);
  }

  repairHostPorts(bridge: string, attachments: readonly Attachment[]): void {
    if (this.#hasTable(bridge)) this.#hostPorts.repair(bridge, attachments);
  }

  async removeStrangers(bridge: string, attachments: readonly Attachment[]): Promise<string[]> {
    const master = this.#route.findLink(bridge);
    if (!master) return [];
    const known = new Set(attachments.map(({ hostLink }) => hostLink));
    const isStranger = (link: Link): boolean =>
      link.masterIndex === master.index && link.name.startsWith(hostLinkPrefix) && !known.has(link.name);
    const strangers = this.#route.listLinks().filter(isStranger);
    await Promise.all(strangers.map((link) => removeLink(link.index, this.#clock)));
    return strangers.map(({ name }) => name);
  }

  findObstacle(settings: NetworkSettings): string | undefined {
    const link = this.#route.findLink(settings.bridge);
    if (!link) return undefined;
    if (link.kind !== "bridge") return `link ${settings.bridge} exists and is not a bridge`;
    if (!link.isUp) return `bridge ${settings.bridge} is down`;
    const wantsV4 = settings.ranges.some(({ version }) => version === 4);
    if (wantsV4 && readSysctl("net/ipv4/ip_forward") !== "1") {
      return "net.ipv4.ip_forward is 0, so pods reach nothing beyond the node";
    }
    return undefined;
  }

  async removeNetwork(bridge: string): Promise<void> {
    if (this.#hasTable(bridge)) this.#nftables.commit(this.#hostPorts.deleteTable(bridge));
    this.#written.delete(bridge);
    const link = this.#route.findLink(bridge);
    if (link?.kind === "bridge") await removeLink(link.index, this.#clock);
  }

  dispose(): void {
    this.#route.close();
    this.#nftables.close();
  }
}
