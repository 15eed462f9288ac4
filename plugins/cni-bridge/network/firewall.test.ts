import { expect, test } from "vitest";
import { resolveRange } from "../addresses/address-range.ts";
import { firewallRules, firewallTable, hostPortElements } from "./firewall.ts";

const settings = { bridge: "my-br0", ranges: [resolveRange({ subnet: "10.88.0.0/16" })], masquerade: true };

test("rules can be repeated without touching the maps of running pods", () => {
  const rules = firewallRules(settings);
  expect(rules).not.toMatch(/^(delete|flush (table|map|set))/m);
  expect(rules).toContain("flush chain inet berth_my_br0 postrouting");
});

test("traffic to outside is masqueraded only where the configuration says so", () => {
  const outside = "ip saddr 10.88.0.0/16 ip daddr != { 10.88.0.0/16, 224.0.0.0/4 } masquerade";
  expect(firewallRules(settings)).toContain(outside);
  expect(firewallRules({ ...settings, masquerade: false })).not.toContain(outside);
});

test("the node's loopback is closed to pods before any address is rewritten", () => {
  expect(firewallRules(settings)).toContain(`guard iifname "my-br0" ip daddr 127.0.0.0/8 drop`);
});

test("a host port becomes one element for each address of its family", () => {
  const port = { protocol: "udp" as const, hostPort: 5353, containerPort: 53 };
  const both = hostPortElements("b", port, ["10.88.0.5", "fd00::5"], "c/eth0");
  expect(both.map(({ set }) => set.set)).toEqual(["hostports4", "hostports6"]);
  expect(both[0]?.element.key).toEqual(Buffer.from([17, 0, 0, 0, 0x14, 0xe9, 0, 0]));
  expect(both[0]?.element.value).toEqual(Buffer.from([10, 88, 0, 5, 0, 53, 0, 0]));
});

test("a host port on one address of the node serves only that address's family", () => {
  const port = { protocol: "tcp" as const, hostPort: 80, containerPort: 80, hostIp: "127.0.0.1" };
  const [only, ...others] = hostPortElements("b", port, ["10.88.0.5", "fd00::5"], "c/eth0");
  expect(others).toEqual([]);
  expect(only?.set).toEqual({ family: "inet", table: firewallTable("b"), set: "hostports4_on" });
  expect(only?.element.key.subarray(0, 4)).toEqual(Buffer.from([127, 0, 0, 1]));
});
