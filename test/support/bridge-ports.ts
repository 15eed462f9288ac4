import { RouteSocket } from "@berth/linux";

/**
 * Names of the links on a bridge, in order; none when there is no bridge. Asked over netlink: sysfs goes on listing a port
 * that has been deleted until the kernel has waited for its last reader, tens of milliseconds and more on a busy machine.
 */
export function bridgePorts(bridge: string): string[] {
  const socket = RouteSocket.open();
  try {
    const master = socket.findLink(bridge)?.index;
    if (master === undefined) return [];
    return socket
      .listLinks()
      .filter(({ masterIndex }) => masterIndex === master)
      .map(({ name }) => name)
      .toSorted();
  } finally {
    socket.close();
  }
}
