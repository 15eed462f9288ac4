import { expect, test } from "vitest";
import { decodeIp, decodeMac, encodeIp, encodeMac, formatPrefix, parsePrefix } from "./ip-address.ts";

test.each([
  ["10.88.0.5", "10.88.0.5"],
  ["::", "::"],
  ["::1", "::1"],
  ["fd00::", "fd00::"],
  ["FD00:0:0:1::5", "fd00:0:0:1::5"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["::ffff:10.0.0.1", "::ffff:a00:1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
])("%s survives the way to bytes and back as %s", (text, canonical) => {
  expect(decodeIp(encodeIp(text))).toBe(canonical);
});

test.each(["", "10.0.0", "10.0.0.256", "fe80::1%eth0", "1::2::3"])("%o is refused as an address", (text) => {
  expect(() => encodeIp(text)).toThrow(`"${text}" is not an IP address`);
});

test("a prefix is read with its length and refused without a possible one", () => {
  expect(parsePrefix("10.88.0.0/16")).toEqual({ address: "10.88.0.0", length: 16 });
  expect(formatPrefix(parsePrefix("fd00::/64"))).toBe("fd00::/64");
  for (const wrong of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/129", "10.0.0.0/"]) {
    expect(() => parsePrefix(wrong)).toThrow(wrong);
  }
});

test("a hardware address survives the way to bytes and back", () => {
  expect(decodeMac(encodeMac("02:BE:0a:58:00:05"))).toBe("02:be:0a:58:00:05");
  expect(() => encodeMac("02:be:0a:58:00")).toThrow("is not a MAC address");
});
