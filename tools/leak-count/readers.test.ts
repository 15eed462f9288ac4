import { expect, test } from "vitest";
import { mountItems, parseMounts, parseUnixSockets, pinnedNamespaces } from "./read-files.ts";
import { firewallItems, linkItems, routeItems } from "./read-network.ts";

test("two mounts at one place are two things, and a pinned namespace is found by its number", () => {
  const mounts = parseMounts(
    [
      "40 1 0:5 / /a rw - tmpfs none rw",
      "41 1 0:5 / /a rw - tmpfs none rw",
      "42 1 0:4 net:[4026532000] /run/ns/x rw shared:1 - nsfs nsfs rw",
    ].join("\n"),
  );
  expect(new Set(mountItems(mounts).map(({ id }) => id)).size).toBe(3);
  expect([...pinnedNamespaces(mounts)]).toEqual([["4026532000", "/run/ns/x"]]);
});

test("only sockets that listen under a name count", () => {
  const text = [
    "Num       RefCount Protocol Flags    Type St Inode Path",
    "000: 00000002 00000000 00010000 0001 01 100 /run/a b.sock",
    "000: 00000003 00000000 00000000 0001 03 101 /run/a b.sock",
    "000: 00000003 00000000 00000000 0001 03 102",
  ].join("\n");
  expect(parseUnixSockets(text).map(({ text: name }) => name)).toEqual(["/run/a b.sock"]);
});

test("a link is listed with its bridge and alias, its addresses apart", () => {
  const items = linkItems([
    {
      ifindex: 7,
      ifname: "bth1",
      master: "berth0",
      ifalias: "berth:c/eth0",
      addr_info: [{ local: "10.0.0.1", prefixlen: 16 }],
    },
  ]);
  expect(items.map(({ category, text }) => [category, text])).toEqual([
    ["links", "bth1 on berth0 berth:c/eth0"],
    ["addresses", "10.0.0.1/16 on bth1"],
  ]);
});

test("routes that the kernel makes by itself do not count", () => {
  const routes = [
    { dst: "10.0.0.0/16", dev: "a", protocol: "kernel" },
    { dst: "default", dev: "b", gateway: "10.0.0.1", protocol: "boot" },
  ];
  expect(routeItems(routes).map(({ text }) => text)).toEqual(["default dev b via 10.0.0.1"]);
});

test("a firewall's tables, chains, rules and each element of a map count, packet counters do not", () => {
  const ruleset = (packets: number) => ({
    nftables: [
      { metainfo: { version: "1" } },
      { table: { family: "inet", name: "t", handle: 1 } },
      { chain: { family: "inet", table: "t", name: "c", handle: 2 } },
      {
        rule: {
          family: "inet",
          table: "t",
          chain: "c",
          handle: 3,
          expr: [{ counter: { packets } }, { accept: null }],
        },
      },
      { map: { family: "inet", table: "t", name: "m", handle: 4, elem: [[80, 81]] } },
    ],
  });
  const items = firewallItems(ruleset(1));
  expect(items).toHaveLength(5);
  expect(firewallItems(ruleset(2))).toEqual(items);
});
