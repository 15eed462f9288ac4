import { openSync, closeSync } from "node:fs";
import { inNetworkNamespace } from "../netns/network-namespace.ts";
import {
  decodeAddress,
  decodeNeighbour,
  decodeRoute,
  encodeAddress,
  encodeAddressQuery,
  encodeNeighbour,
  encodeNeighbourQuery,
  encodeRoute,
  encodeRouteQuery,
  type KernelRoute,
  type LinkAddress,
  type Neighbour,
} from "./address.ts";
import {
  decodeLink,
  encodeBridgePort,
  encodeLinkQuery,
  encodeLinkSettings,
  encodeNewBridge,
  encodeNewVeth,
  type Link,
  type LinkSettings,
} from "./link.ts";
import { messageFlag } from "./message.ts";
import { type NetlinkRequest, NetlinkSocket } from "./netlink-socket.ts";

const type = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  setLink: 19,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
  newNeighbour: 28,
  getNeighbour: 30,
} as const;
const createNew = messageFlag.create | messageFlag.exclusive;

/** Requests as data, so that several go to the kernel in one call of {@link RouteSocket.apply}. */
export const routeRequests = {
  setLink: (index: number, settings: LinkSettings): NetlinkRequest => ({
    action: `set link ${index} to ${describe(settings)}`,
    type: type.newLink,
    payload: encodeLinkSettings(index, settings),
  }),
  newBridge: (settings: LinkSettings & { name: string }): NetlinkRequest => ({
    action: `make bridge ${settings.name}`,
    type: type.newLink,
    flags: createNew,
    payload: encodeNewBridge(settings),
  }),
  newVeth: (
    settings: LinkSettings & { name: string },
    peer: LinkSettings & { name: string },
  ): NetlinkRequest => ({
    action: `make veth ${settings.name} with peer ${peer.name}`,
    type: type.newLink,
    flags: createNew,
    payload: encodeNewVeth(settings, peer),
  }),
  setBridgePort: (index: number, port: { hairpin: boolean }): NetlinkRequest => ({
    action: `set bridge port ${index} to ${describe(port)}`,
    type: type.newLink,
    payload: encodeBridgePort(index, port),
  }),
  deleteLink: (index: number): NetlinkRequest => ({
    action: `delete link ${index}`,
    type: type.deleteLink,
    payload: encodeLinkQuery(index),
    tolerate: ["ENODEV"],
  }),
  addAddress: (entry: LinkAddress): NetlinkRequest => ({
    action: `add address ${entry.address}/${entry.prefixLength} to link ${entry.linkIndex}`,
    type: type.newAddress,
    flags: messageFlag.create | messageFlag.replace,
    payload: encodeAddress(entry),
  }),
  deleteAddress: (entry: LinkAddress): NetlinkRequest => ({
    action: `delete address ${entry.address}/${entry.prefixLength} of link ${entry.linkIndex}`,
    type: type.deleteAddress,
    payload: encodeAddress(entry),
    tolerate: ["EADDRNOTAVAIL"],
  }),
  addRoute: (route: KernelRoute): NetlinkRequest => ({
    action: `add route to ${route.destination}${route.gateway === undefined ? "" : ` via ${route.gateway}`}`,
    type: type.newRoute,
    flags: messageFlag.create | messageFlag.replace,
    payload: encodeRoute(route),
  }),
  deleteRoute: (route: KernelRoute): NetlinkRequest => ({
    action: `delete route to ${route.destination}`,
    type: type.deleteRoute,
    payload: encodeRoute(route),
    tolerate: ["ESRCH"],
  }),
  addNeighbour: (neighbour: Omit<Neighbour, "isPermanent">): NetlinkRequest => ({
    action: `add neighbour ${neighbour.address} at ${neighbour.mac}`,
    type: type.newNeighbour,
    flags: messageFlag.create | messageFlag.replace,
    payload: encodeNeighbour(neighbour),
  }),
} as const;

function describe(settings: object): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");
}

/** Links, addresses, routes and neighbours of one network namespace. */
export class RouteSocket {
  readonly #socket: NetlinkSocket;

  private constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /** Of the namespace at `path`, or of the one the thread is in. The caller closes it. */
  static open(path?: string): RouteSocket {
    if (path === undefined) return new RouteSocket(new NetlinkSocket("route"));
    return new RouteSocket(inNetworkNamespace(path, () => new NetlinkSocket("route")));
  }

  /** Does all in order; throws the first failure after all were tried. */
  apply(...requests: readonly NetlinkRequest[]): void {
    this.#socket.executeAll(requests);
  }

  findLink(target: string | number): Link | undefined {
    const answer = this.#socket.ask({
      action: `look up link ${target}`,
      type: type.getLink,
      payload: encodeLinkQuery(target),
      tolerate: ["ENODEV"],
    });
    return answer && decodeLink(answer.payload);
  }

  listLinks(): Link[] {
    const request = { action: "list links", type: type.getLink, payload: encodeLinkQuery(0) };
    return this.#socket.dump(request).map((message) => decodeLink(message.payload));
  }

  listAddresses(linkIndex?: number): LinkAddress[] {
    const request = { action: "list addresses", type: type.getAddress, payload: encodeAddressQuery() };
    const all = this.#socket.dump(request).map((message) => decodeAddress(message.payload));
    return linkIndex === undefined ? all : all.filter((entry) => entry.linkIndex === linkIndex);
  }

  listRoutes(): KernelRoute[] {
    const request = { action: "list routes", type: type.getRoute, payload: encodeRouteQuery() };
    return this.#socket.dump(request).flatMap((message) => decodeRoute(message.payload) ?? []);
  }

  listNeighbours(): Neighbour[] {
    const request = { action: "list neighbours", type: type.getNeighbour, payload: encodeNeighbourQuery() };
    return this.#socket.dump(request).flatMap((message) => decodeNeighbour(message.payload) ?? []);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Runs `use` with the descriptor of the namespace at a path, which is what moving a link into it takes. */
export function withNamespaceFd<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, "r");
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
