import { expect, test } from "vitest";
import { cidrRule, ipRule } from "./ip-rules.ts";
import {
  configMapKeyRule,
  dns1035LabelRule,
  dnsLabelRule,
  dnsSubdomainRule,
  environmentNameRule,
  labelValueRule,
  type NameRule,
  pathSegmentRule,
  portNameRule,
  qualifiedNameRule,
} from "./name-rules.ts";

const cases: [string, NameRule, string[], string[]][] = [
  ["a label", dnsLabelRule, ["a", "a-1", "1a", "x".repeat(63)], ["A", "-a", "a-", "a.b", "", "x".repeat(64)]],
  ["a subdomain", dnsSubdomainRule, ["a.b-c.d", "0"], ["a..b", ".a", "a_b", "x".repeat(254)]],
  ["a DNS-1035 label", dns1035LabelRule, ["a1"], ["1a", "a."]],
  ["a path segment", pathSegmentRule, ["system:node", "A b"], [".", "..", "a/b", "a%b"]],
  [
    "a qualified name",
    qualifiedNameRule,
    ["a", "example.com/A_b.c"],
    ["", "a/", "/a", "a/b/c", "A.com/x", "-a"],
  ],
  ["a label value", labelValueRule, ["", "A_b.1"], ["-a", "a b", "x".repeat(64)]],
  ["a key of a config map", configMapKeyRule, ["a.b_C-1", ".x"], ["..", "..a", "a/b", ""]],
  ["an environment variable", environmentNameRule, ["A", "a.b-c", "1 x"], ["", "A=B", "ä"]],
  ["a port name", portNameRule, ["http", "a-1"], ["A", "1", "a--b", "-a", "x".repeat(16)]],
  [
    "an address",
    ipRule,
    ["10.0.0.1", "::", "2001:db8::1", "1:2:3:4:5:6:7:8"],
    ["10.0.0", "::ffff:1.2.3.4", "256.1.1.1", "1:2", ":::", "01.2.3.4", "1::2::3", ""],
  ],
  ["a network", cidrRule, ["10.0.0.0/8", "::/0"], ["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/08"]],
];

test.each(cases)("%s takes what is good and says what is wrong with the rest", (_, rule, good, bad) => {
  expect(good.filter((name) => rule(name).length > 0)).toEqual([]);
  expect(bad.filter((name) => rule(name).length === 0)).toEqual([]);
});
