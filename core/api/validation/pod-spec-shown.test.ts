import { expect, it } from "vitest";
import type { PodSpec } from "../generated/types.ts";
import { shownPodSpec } from "./pod-spec-shown.ts";

const shown = (spec: object): string => shownPodSpec(spec as PodSpec).join("\n");

it("shows every member of a pod's spec, set or not, under the names of upstream's own types", () => {
  const text = shown({
    hostNetwork: true,
    nodeSelector: { b: "<", a: "1" },
    securityContext: { fsGroup: 5 },
    containers: [{ name: "main", ports: [{ containerPort: 80 }] }],
    volumes: [{ name: "data", azureDisk: { diskName: "d", diskURI: "u" } }],
  });
  expect(text.startsWith('{\n "Volumes": [\n  {\n   "Name": "data",\n   "HostPath": null,\n')).toBe(true);
  for (const line of [
    ' "NodeSelector": {\n  "a": "1",\n  "b": "\\u003c"\n },',
    ' "SecurityContext": {\n  "HostNetwork": true,\n  "HostPID": false,',
    '  "FSGroup": 5,',
    '   "DataDiskURI": "u",',
    '   "Command": null,',
    '   "Ports": [\n    {\n     "Name": "",\n     "HostPort": 0,\n     "ContainerPort": 80,',
  ])
    expect(text).toContain(line);
  expect(text).not.toContain("undefined");
});
