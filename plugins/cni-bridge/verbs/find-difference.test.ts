import { expect, test } from "vitest";
import type { Attachment } from "../attachments/attachment.ts";
import type { ObservedAttachment } from "../backend/network-backend.ts";
import { findDifference } from "./find-difference.ts";

const expected: Attachment = {
  containerId: "c",
  ifname: "eth0",
  network: "pods",
  bridge: "berth0",
  netns: "/run/ns",
  hostLink: "bth1",
  mac: "02:be:0a:58:00:05",
  mtu: 1500,
  addresses: [{ address: "10.88.0.5", prefixLength: 16, gateway: "10.88.0.1" }],
  hostPorts: [{ protocol: "tcp", hostPort: 8080, containerPort: 80 }],
};
const good: ObservedAttachment = {
  netnsExists: true,
  hostLink: { onBridge: true, isUp: true },
  podLink: { mac: expected.mac, isUp: true },
  addresses: ["10.88.0.5/16", "fe80::1/64"],
  gateways: ["10.88.0.1"],
  hostPorts: ["tcp/8080"],
};
const { hostLink: _host, ...withoutHostLink } = good;
const { podLink: _pod, ...withoutPodLink } = good;

test("what more there is than promised is no difference", () => {
  expect(findDifference(expected, good)).toBeUndefined();
});

test.each<[string, ObservedAttachment]>([
  ["network namespace /run/ns is gone", { ...good, netnsExists: false }],
  ["link bth1 is gone from the node", withoutHostLink],
  ["link bth1 is not a port of bridge berth0", { ...good, hostLink: { onBridge: false, isUp: true } }],
  ["link bth1 is down", { ...good, hostLink: { onBridge: true, isUp: false } }],
  ["link eth0 is gone from /run/ns", withoutPodLink],
  ["link eth0 in /run/ns is down", { ...good, podLink: { mac: expected.mac, isUp: false } }],
  ["has MAC 02:00:00:00:00:01", { ...good, podLink: { mac: "02:00:00:00:00:01", isUp: true } }],
  ["address 10.88.0.5/16 is gone", { ...good, addresses: ["10.88.0.5/24"] }],
  ["default route through 10.88.0.1 is gone", { ...good, gateways: [] }],
  ["host port tcp/8080 is gone", { ...good, hostPorts: [] }],
])("CHECK says: %s", (sentence, seen) => {
  expect(findDifference(expected, seen)).toContain(sentence);
});
