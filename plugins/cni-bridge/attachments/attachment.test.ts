import { expect, test } from "vitest";
import { encodeIp } from "@berth/linux";
import { hostLinkName, macFor } from "./attachment.ts";

test("a link's name is the same for the same key, another for another, and short enough for the kernel", () => {
  const name = hostLinkName({ containerId: "a".repeat(64), ifname: "eth0" });
  expect(name).toBe(hostLinkName({ containerId: "a".repeat(64), ifname: "eth0" }));
  expect(name).not.toBe(hostLinkName({ containerId: "a".repeat(64), ifname: "eth1" }));
  expect(name).toHaveLength(15);
});

test("a hardware address follows from the address and is a local unicast one", () => {
  expect(macFor("10.88.0.5", encodeIp)).toBe("02:be:0a:58:00:05");
  expect(macFor("fd00::5", encodeIp)).toMatch(/^02:be(:[0-9a-f]{2}){4}$/);
});
