import type { Attachment } from "../attachments/attachment.ts";
import type { NetworkSettings } from "../network/network-settings.ts";

/** The kernel's side of the work. The real one speaks netlink; the fake one keeps a picture in memory. */
export interface NetworkBackend {
  /** Makes bridge, gateway addresses, forwarding and firewall table where missing. */
  ensureNetwork(settings: NetworkSettings): Promise<NetworkFacts>;
  /**
   * Makes the pair of links, addresses, routes and host ports. On a failure some of it may be there: call detach.
   * Throws {@link NamespaceMissingError}, {@link InterfaceExistsError} or {@link HostPortTakenError}.
   */
  attach(attachment: Attachment, settings: NetworkSettings): Promise<void>;
  /** Takes away whatever of it is there; resolves when none of it can be seen any more. */
  detach(attachment: Attachment): Promise<void>;
  /** True while the pair of links is there, which says that the rest was made too. */
  isAttached(attachment: Attachment): boolean;
  observe(attachment: Attachment): ObservedAttachment;
  /** Adds host ports that the table lost and removes those that belong to none of these. */
  repairHostPorts(bridge: string, attachments: readonly Attachment[]): void;
  /** Removes links of ours on the bridge that belong to none of these; returns their names. */
  removeStrangers(bridge: string, attachments: readonly Attachment[]): Promise<string[]>;
  /** Undefined when attach could work, else the reason in one sentence. */
  findObstacle(settings: NetworkSettings): string | undefined;
  /** Removes bridge and table. */
  removeNetwork(bridge: string): Promise<void>;
  dispose(): void;
}

export interface NetworkFacts {
  /** Bytes; what links of this network get. */
  readonly mtu: number;
}

/** What CHECK compares with what was promised; undefined where nothing was found. */
export interface ObservedAttachment {
  readonly netnsExists: boolean;
  readonly hostLink?: { readonly onBridge: boolean; readonly isUp: boolean };
  readonly podLink?: { readonly mac: string; readonly isUp: boolean };
  /** ADDRESS/LENGTH. */
  readonly addresses: readonly string[];
  /** Gateways of default routes. */
  readonly gateways: readonly string[];
  /** Host ports as PROTOCOL/PORT. */
  readonly hostPorts: readonly string[];
}

export class NamespaceMissingError extends Error {
  constructor(netns: string) {
    super(`network namespace ${netns} does not exist`);
    this.name = "NamespaceMissingError";
  }
}

export class InterfaceExistsError extends Error {
  constructor(ifname: string, netns: string) {
    super(`interface ${ifname} exists in ${netns} and was not made by this plugin`);
    this.name = "InterfaceExistsError";
  }
}

export class HostPortTakenError extends Error {
  constructor(port: string, holder: string) {
    super(`host port ${port} is in use by ${holder}`);
    this.name = "HostPortTakenError";
  }
}
