import { expect, it } from "vitest";
import { slicesFor } from "./own-slices.ts";

it("puts servers of one port into one slice, whatever their order, and others into slices of their own", () => {
  const servers = [
    { address: "10.0.0.2", port: 6443 },
    { address: "10.0.0.1", port: 6443 },
    { address: "fd00::1", port: 6443 },
    { address: "10.0.0.3", port: 7443 },
  ];
  const slices = slicesFor(servers);
  expect(slicesFor(servers.toReversed())).toEqual(slices);
  expect([...slices].map(([name, slice]) => [name, slice.endpoints.flatMap((one) => one.addresses)])).toEqual(
    [
      ["kubernetes", ["10.0.0.1", "10.0.0.2"]],
      ["kubernetes-ipv4-7443", ["10.0.0.3"]],
      ["kubernetes-ipv6-6443", ["fd00::1"]],
    ],
  );
});
