import { expect, test } from "vitest";
import { parseEnviron, parseKeyed, parseProcCgroup, parseStat } from "./proc-parsers.ts";

test("a process name with spaces and brackets does not shift the fields after it", () => {
  const fields = ["S", "1", "42", "43", ...Array.from({ length: 15 }, () => "0"), "987654", "0"];
  expect(parseStat(`77 (a) b (c) ${fields.join(" ")}`)).toEqual({
    pid: 77,
    name: "a) b (c",
    state: "S",
    parentPid: 1,
    processGroup: 42,
    session: 43,
    startTicks: "987654",
  });
});

test("keyed lines keep everything after the first colon", () => {
  expect(parseKeyed("Name:\tnode\nCapEff:\t0001\nx").get("CapEff")).toBe("0001");
});

test("controllers that share a hierarchy share its path, and the unified one has the empty name", () => {
  const paths = parseProcCgroup("4:cpu,cpuacct:/a\n0::/b:c\n");
  expect([...paths]).toEqual([
    ["cpu", "/a"],
    ["cpuacct", "/a"],
    ["", "/b:c"],
  ]);
});

test("an environment keeps values that hold equals signs", () => {
  expect(parseEnviron("A=1\0B=x=y\0rubbish\0").get("B")).toBe("x=y");
});
