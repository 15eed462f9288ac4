import { expect, it } from "vitest";
import { holdsPluginUsers } from "./plugin-users.ts";

it("are there outside user namespaces and not in one of 65536 users", () => {
  expect(holdsPluginUsers("         0          0 4294967295\n")).toBe(true);
  expect(holdsPluginUsers("         0     100000      65536\n")).toBe(false);
  expect(holdsPluginUsers("0 0 1\n1900000000 500000 10000\n")).toBe(true);
  expect(holdsPluginUsers("")).toBe(false);
});
