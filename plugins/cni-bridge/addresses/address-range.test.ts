import { expect, test } from "vitest";
import { capacity, contains, resolveRange } from "./address-range.ts";
import { toAddress } from "./ip-number.ts";

test("a subnet alone gives the first address to the bridge and the rest to pods", () => {
  const range = resolveRange({ subnet: "10.88.5.7/16" });
  expect(range).toMatchObject({ version: 4, subnet: "10.88.0.0/16", prefixLength: 16, gateway: "10.88.0.1" });
  expect(toAddress(range.last, 4)).toBe("10.88.255.254");
  expect(capacity(range)).toBe(65_533n);
});

test("bounds and gateway of one's own are kept, and the gateway is no pod's address", () => {
  const range = resolveRange({
    subnet: "10.0.0.0/24",
    rangeStart: "10.0.0.10",
    rangeEnd: "10.0.0.12",
    gateway: "10.0.0.11",
  });
  expect(capacity(range)).toBe(2n);
  expect(
    ["10.0.0.9", "10.0.0.10", "10.0.0.11", "10.0.0.12", "fd00::a"].filter((each) => contains(range, each)),
  ).toEqual(["10.0.0.10", "10.0.0.12"]);
});

test("IPv6 has no broadcast address to leave out", () => {
  const range = resolveRange({ subnet: "fd00:88::/126" });
  expect(range.gateway).toBe("fd00:88::1");
  expect(toAddress(range.last, 6)).toBe("fd00:88::3");
});

test.each([
  [{ subnet: "10.0.0.0/31" }, "has no room"],
  [{ subnet: "10.0.0.0" }, "is not ADDRESS/LENGTH"],
  [{ subnet: "10.0.0.0/24", gateway: "10.0.1.1" }, "gateway 10.0.1.1 is not a usable address of 10.0.0.0/24"],
  [{ subnet: "10.0.0.0/24", rangeEnd: "10.0.0.255" }, "rangeEnd 10.0.0.255 is not a usable address"],
  [{ subnet: "10.0.0.0/24", rangeStart: "fd00::1" }, "rangeStart fd00::1 is not a usable address"],
  [{ subnet: "10.0.0.0/24", rangeStart: "10.0.0.9", rangeEnd: "10.0.0.8" }, "comes after"],
])("%o is refused with the wrong value in the sentence", (config, sentence) => {
  expect(() => resolveRange(config)).toThrow(sentence);
});
