import { expect, test } from "vitest";
import { isAtLeast, judgeFeatures, type MachineFacts } from "./feature.ts";

const everything: MachineFacts = {
  kernelRelease: "6.18.1",
  userId: 0,
  capabilities: (1n << 41n) - 1n,
  fileSystems: new Set(["overlay"]),
  cgroups: { mode: "v2", shortcomings: [] },
  maxUserNamespaces: 100,
  hasPidfd: true,
  linkRefusals: new Map(),
  programs: new Map([["nft", "/usr/sbin/nft"]]),
};

const missing = (change: Partial<MachineFacts>): string[] =>
  judgeFeatures({ ...everything, ...change })
    .filter(({ isPresent }) => !isPresent)
    .map(({ name }) => name);

test("a complete machine lacks nothing", () => {
  expect(missing({})).toEqual([]);
});

test.each<[string, Partial<MachineFacts>, string]>([
  ["another user", { userId: 1000 }, "root"],
  ["a dropped capability", { capabilities: everything.capabilities & ~(1n << 24n) }, "CAP_SYS_RESOURCE"],
  ["no overlay", { fileSystems: new Set() }, "overlay file system"],
  ["an unmounted controller", { cgroups: { mode: "v1", shortcomings: ["no pids"] } }, "cgroup controllers"],
  ["user namespaces switched off", { maxUserNamespaces: 0 }, "user namespaces"],
  ["an old kernel", { hasPidfd: false }, "pidfd"],
  ["a kernel before 6.15", { kernelRelease: "6.1.0-18-amd64" }, "pidfd exit status"],
  ["nftables refused", { nftablesRefusal: "EPERM" }, "nftables"],
  ["veth refused", { linkRefusals: new Map([["veth", "ENOTSUP"]]) }, "veth links"],
  ["a missing program", { programs: new Map([["nft", undefined]]) }, "program nft"],
])("%s is named", (_, change, name) => {
  expect(missing(change)).toEqual([name]);
});

test("whatever is absent comes with a cause and one thing to do", () => {
  const { cgroups: _, ...rest } = everything;
  const nothing = judgeFeatures({
    ...rest,
    kernelRelease: "4.0",
    userId: 1,
    capabilities: 0n,
    fileSystems: new Set(),
    maxUserNamespaces: 0,
    hasPidfd: false,
    nftablesRefusal: "EPERM",
    linkRefusals: new Map([
      ["veth", "EPERM"],
      ["bridge", "EPERM"],
    ]),
    programs: new Map([["nft", undefined]]),
  });
  expect(nothing.filter(({ isPresent }) => isPresent)).toEqual([]);
  for (const { cause, fix } of nothing) {
    expect(cause).toMatch(/\S+ \S+/);
    expect(fix).toMatch(/\S+ \S+/);
  }
});

test("releases are compared by number, not by text", () => {
  expect(isAtLeast("6.9.1", 6, 15)).toBe(false);
  expect(isAtLeast("6.15-rc1", 6, 15)).toBe(true);
  expect(isAtLeast("10.0", 6, 15)).toBe(true);
});
