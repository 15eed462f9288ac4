import { expect, it } from "vitest";
import { sectionFor } from "./network-list.ts";

const portmap = { type: "portmap", snat: true, capabilities: { portMappings: true, bandwidth: false } };
const list = { cniVersion: "1.0.0", name: "net", disableCheck: false, plugins: [portmap] };

it("a program reads its own section, the capabilities it declares and the result before it", () => {
  const runtime = { portMappings: [{ hostPort: 80, containerPort: 8080 }], bandwidth: { ingressRate: 1 } };
  const prevResult = { cniVersion: "1.0.0" };
  expect(sectionFor(list, portmap, { runtime, prevResult })).toEqual({
    cniVersion: "1.0.0",
    name: "net",
    type: "portmap",
    snat: true,
    runtimeConfig: { portMappings: runtime.portMappings },
    prevResult,
  });
});

it("a program that declares no capability is given none", () => {
  expect(sectionFor(list, { type: "bridge" }, { runtime: { mac: "x" } })).toEqual({
    cniVersion: "1.0.0",
    name: "net",
    type: "bridge",
  });
});
