import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "@berth/base";
import {
  concatenated,
  createNetworkNamespace,
  deleteNetworkNamespace,
  encodeIp,
  inNetworkNamespace,
  isErrno,
  isLinkListed,
  NftablesSocket,
  nftRequests,
  type NftSet,
  removeLink,
  routeRequests,
  RouteSocket,
  withNamespaceFd,
} from "@berth/linux";

let folder = "";
let node = "";
let pod = "";

/** Two namespaces of this test's own play the node and the pod, so nothing of the machine is touched. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "linux-network-"));
  node = join(folder, "node");
  pod = join(folder, "pod");
  createNetworkNamespace(node);
  createNetworkNamespace(pod);
});

afterEach(() => {
  deleteNetworkNamespace(pod);
  deleteNetworkNamespace(node);
  rmSync(folder, { recursive: true });
});

/** Output of a tool that knows nothing of our encoder. */
function tool(namespace: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("nsenter", [`--net=${namespace}`, program, ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const errnoOf = (action: () => void): string => {
  try {
    action();
    return "none";
  } catch (error) {
    return isErrno(error, "EEXIST") ? "EEXIST" : isErrno(error, "ENOENT") ? "ENOENT" : String(error);
  }
};

test("a pair of links joins two namespaces through a bridge, and packets pass", () => {
  const socket = RouteSocket.open(node);
  const inside = RouteSocket.open(pod);
  try {
    socket.apply(
      routeRequests.setLink(1, { isUp: true }),
      routeRequests.newBridge({ name: "br0", mtu: 1400, mac: "02:be:0a:58:00:01", isUp: true }),
    );
    const bridge = socket.findLink("br0")?.index ?? 0;
    socket.apply(routeRequests.addAddress({ linkIndex: bridge, address: "10.88.0.1", prefixLength: 16 }));
    withNamespaceFd(pod, (namespaceFd) =>
      socket.apply(
        routeRequests.newVeth(
          { name: "v0", mtu: 1400, masterIndex: bridge, isUp: true },
          { name: "eth0", mtu: 1400, mac: "02:be:0a:58:00:05", namespaceFd },
        ),
      ),
    );
    const port = socket.findLink("v0")?.index ?? 0;
    socket.apply(
      routeRequests.setBridgePort(port, { hairpin: true }),
      routeRequests.setLink(port, { alias: "whose it is" }),
    );
    const linkIndex = inside.findLink("eth0")?.index ?? 0;
    inside.apply(
      routeRequests.setLink(linkIndex, { isUp: true }),
      routeRequests.addAddress({ linkIndex, address: "10.88.0.5", prefixLength: 16 }),
      routeRequests.addRoute({ destination: "0.0.0.0/0", gateway: "10.88.0.1", linkIndex }),
    );

    expect(socket.findLink("v0")).toMatchObject({
      kind: "veth",
      mtu: 1400,
      isUp: true,
      masterIndex: bridge,
      alias: "whose it is",
      hairpin: true,
    });
    const shown = JSON.parse(tool(pod, "ip", "-j", "address", "show", "eth0")) as Record<string, unknown>[];
    expect(shown[0]).toMatchObject({ address: "02:be:0a:58:00:05", mtu: 1400 });
    expect(tool(pod, "ip", "route", "show", "default")).toMatch(/^default via 10\.88\.0\.1 dev eth0/);
    expect(tool(pod, "busybox", "ping", "-c", "1", "-W", "5", "10.88.0.1")).toContain("1 packets received");
    expect(socket.listNeighbours()).toContainEqual({
      linkIndex: bridge,
      address: "10.88.0.5",
      mac: "02:be:0a:58:00:05",
      isPermanent: false,
    });
  } finally {
    inside.close();
    socket.close();
  }
});

test("IPv6 addresses and routes are read back as they were set", () => {
  const socket = RouteSocket.open(node);
  try {
    socket.apply(routeRequests.newBridge({ name: "br6", isUp: true }));
    const linkIndex = socket.findLink("br6")?.index ?? 0;
    socket.apply(
      routeRequests.addAddress({ linkIndex, address: "fd00:88::1", prefixLength: 64 }),
      routeRequests.addRoute({
        destination: "fd00:99::/64",
        gateway: "fd00:88::2",
        linkIndex,
        priority: 7,
        mtu: 1300,
      }),
    );
    expect(socket.listAddresses(linkIndex)).toContainEqual({
      linkIndex,
      address: "fd00:88::1",
      prefixLength: 64,
    });
    expect(socket.listRoutes()).toContainEqual(
      expect.objectContaining({ destination: "fd00:99::/64", gateway: "fd00:88::2", priority: 7, linkIndex }),
    );
    expect(tool(node, "ip", "-6", "route", "show", "fd00:99::/64")).toContain("mtu 1300");
  } finally {
    socket.close();
  }
});

test("the kernel's refusal names what was tried, and requests after a failed one are still done", () => {
  const socket = RouteSocket.open(node);
  try {
    const bridge = routeRequests.newBridge({ name: "br0" });
    socket.apply(bridge);
    const again = (): void => socket.apply(bridge, routeRequests.newBridge({ name: "br1" }));
    expect(again).toThrow("make bridge br0: EEXIST");
    expect(socket.findLink("br1")).toBeDefined();
    expect(socket.findLink("br2")).toBeUndefined();
    expect(() => socket.apply(routeRequests.newBridge({ name: "a-name-of-17-char" }))).toThrow("ERANGE");
  } finally {
    socket.close();
  }
});

test("a removed link is out of sight when the promise resolves, and removing it again succeeds", async () => {
  // Bound to the thread's own namespace, so a link of the machine is made, under a name of this test's own.
  const socket = RouteSocket.open();
  try {
    const name = `rm${process.pid}`;
    socket.apply(routeRequests.newVeth({ name, isUp: true }, { name: `${name}p` }));
    const index = socket.findLink(name)?.index ?? 0;
    expect(isLinkListed(index)).toBe(true);
    await removeLink(index, systemClock);
    expect(isLinkListed(index)).toBe(false);
    expect(socket.findLink(name)).toBeUndefined();
    expect(socket.findLink(`${name}p`)).toBeUndefined();
    await removeLink(index, systemClock);
  } finally {
    socket.close();
  }
});

test("elements of a map go in and out, all of a transaction or nothing", () => {
  const set: NftSet = { family: "inet", table: "berth_test", set: "ports" };
  const element = (port: number) => ({
    key: concatenated(Buffer.of(6), Buffer.from([port >> 8, port & 0xff])),
    value: concatenated(encodeIp("10.88.0.5"), Buffer.from([0, 80])),
    comment: `pod ${port}`,
  });
  tool(node, "nft", "add table inet berth_test");
  tool(
    node,
    "nft",
    "add map inet berth_test ports { type inet_proto . inet_service : ipv4_addr . inet_service; }",
  );
  const socket = inNetworkNamespace(node, () => new NftablesSocket());
  try {
    socket.commit(nftRequests.addElements(set, [element(8080), element(8081)]));
    const listing = tool(node, "nft", "list map inet berth_test ports");
    expect(listing).toContain(`tcp . 8080 comment "pod 8080" : 10.88.0.5 . 80`);
    expect(socket.findElement(set, element(8081).key)).toEqual(element(8081));

    const half = (): void =>
      socket.commit(
        nftRequests.addElements(set, [element(9000)]),
        nftRequests.addElements(set, [element(8080)]),
      );
    expect(errnoOf(half)).toBe("EEXIST");
    expect(socket.listElements(set)).toHaveLength(2);

    socket.commit(nftRequests.deleteElements(set, [element(8080)]));
    expect(errnoOf(() => socket.commit(nftRequests.deleteElements(set, [element(8080)])))).toBe("ENOENT");
    expect(socket.findElement(set, element(8080).key)).toBeUndefined();
    expect(socket.listElements({ ...set, set: "absent" })).toEqual([]);

    socket.commit(nftRequests.deleteTable("inet", "berth_test"));
    expect(socket.hasTable("inet", "berth_test")).toBe(false);
  } finally {
    socket.close();
  }
});

test("a dump of more links than fit into one answer is complete", () => {
  const socket = RouteSocket.open(node);
  try {
    const names = Array.from({ length: 200 }, (_, index) => `d${index}`);
    socket.apply(...names.map((name) => routeRequests.newBridge({ name })));
    const found = new Set(socket.listLinks().map(({ name }) => name));
    expect(names.filter((name) => !found.has(name))).toEqual([]);
  } finally {
    socket.close();
  }
});
