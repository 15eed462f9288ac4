import {
  isErrno,
  type NetlinkRequest,
  type NftElement,
  type NftSet,
  type NftablesSocket,
  nftRequests,
} from "@berth/linux";
import { type Attachment, keyText } from "../attachments/attachment.ts";
import { firewallTable, hostPortElements, hostPortSets } from "../network/firewall.ts";
import { HostPortTakenError } from "./network-backend.ts";

type Entry = ReturnType<typeof hostPortElements>[number];

/** The host ports of attachments as elements of the table's maps. */
export class HostPorts {
  readonly #nftables: NftablesSocket;

  constructor(nftables: NftablesSocket) {
    this.#nftables = nftables;
  }

  /** All of them or none. */
  add(attachment: Attachment): void {
    const entries = entriesOf(attachment);
    try {
      this.#nftables.commit(...entries.map(({ set, element }) => nftRequests.addElements(set, [element])));
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      this.#addOverLeftovers(attachment, entries);
    }
  }

  /** Elements of an attachment of the same key are what a crash left behind; anybody else's are a conflict. */
  #addOverLeftovers(attachment: Attachment, entries: readonly Entry[]): void {
    for (const port of attachment.hostPorts) {
      for (const { set, element } of entriesOf({ ...attachment, hostPorts: [port] })) {
        const holder = this.#find(set, element);
        if (holder && holder.comment !== keyText(attachment)) {
          throw new HostPortTakenError(
            `${port.protocol}/${port.hostPort}`,
            holder.comment ?? "an unnamed pod",
          );
        }
      }
    }
    this.remove(attachment);
    this.#nftables.commit(...entries.map(({ set, element }) => nftRequests.addElements(set, [element])));
  }

  /** Only those that carry this attachment's name: a port refused because another pod has it stays with that pod. */
  remove(attachment: Attachment): void {
    const present = entriesOf(attachment).filter(
      ({ set, element }) => this.#find(set, element)?.comment === keyText(attachment),
    );
    this.#nftables.commit(...present.map(({ set, element }) => nftRequests.deleteElements(set, [element])));
  }

  /** Those in force, as PROTOCOL/PORT. */
  list(attachment: Attachment): string[] {
    return attachment.hostPorts
      .filter((port) =>
        entriesOf({ ...attachment, hostPorts: [port] }).every(({ set, element }) =>
          this.#find(set, element)?.value?.equals(element.value ?? Buffer.alloc(0)),
        ),
      )
      .map(({ protocol, hostPort }) => `${protocol}/${hostPort}`);
  }

  repair(bridge: string, attachments: readonly Attachment[]): void {
    const wanted = attachments.flatMap(entriesOf);
    const changes: NetlinkRequest[] = [];
    for (const set of hostPortSets(bridge)) {
      const present = this.#nftables.listElements(set);
      const mine = wanted.filter((entry) => entry.set.set === set.set).map(({ element }) => element);
      const strangers = present.filter((element) => !mine.some((other) => isSame(element, other)));
      const lost = mine.filter((element) => !present.some((other) => isSame(element, other)));
      if (strangers.length > 0) changes.push(nftRequests.deleteElements(set, strangers));
      if (lost.length > 0) changes.push(nftRequests.addElements(set, lost));
    }
    this.#nftables.commit(...changes);
  }

  deleteTable(bridge: string): NetlinkRequest {
    return nftRequests.deleteTable("inet", firewallTable(bridge));
  }

  #find(set: NftSet, { key }: NftElement): NftElement | undefined {
    return this.#nftables.findElement(set, key);
  }
}

function entriesOf(attachment: Attachment): Entry[] {
  const addresses = attachment.addresses.map(({ address }) => address);
  return attachment.hostPorts.flatMap((port) =>
    hostPortElements(attachment.bridge, port, addresses, keyText(attachment)),
  );
}

function isSame(a: NftElement, b: NftElement): boolean {
  return a.key.equals(b.key) && (a.value ?? Buffer.alloc(0)).equals(b.value ?? Buffer.alloc(0));
}
