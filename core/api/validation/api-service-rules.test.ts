import { expect, test } from "vitest";
import { type Loose, wrong } from "./objects-under-test.ts";

const kind = "apiregistration.k8s.io/v1/apiservices";
const spec = { group: "ice.example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 15 };
const service = { namespace: "default", name: "ice" };
const apiService = (more: Loose, name = "v1.ice.example.com"): Loose => ({
  metadata: { name },
  spec: { ...spec, ...more },
});

test.each<[what: string, object: Loose, ...sentences: string[]]>([
  ["of a local group", apiService({})],
  ["of another server's", apiService({ service, caBundle: "YQ==" })],
  ["at the bounds", apiService({ groupPriorityMinimum: 20_000, versionPriority: 1000 })],
  [
    "named otherwise",
    apiService({ service }, "ice"),
    'metadata.name: Invalid value: "ice": must be `spec.version+"."+spec.group`: "v1.ice.example.com"',
  ],
  [
    "without a group",
    apiService({ group: "", version: "v2" }, "v2."),
    "spec.group: Required value: only v1 may have an empty group and it better be legacy kube",
  ],
  [
    "out of range",
    apiService({ groupPriorityMinimum: 20_001, versionPriority: 0 }),
    "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000",
    "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
  ],
  [
    "local with what only a remote one has",
    apiService({ caBundle: "YQ==", insecureSkipTLSVerify: true }),
    'spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle',
    "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
  ],
  [
    "with a Service that names nothing",
    apiService({ service: { port: 65_536 } }),
    "spec.service.namespace: Required value",
    "spec.service.name: Required value",
    "spec.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive",
  ],
  [
    "that is and is not to be verified",
    apiService({ service, caBundle: "YQ==", insecureSkipTLSVerify: true }),
    "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present",
  ],
])("an APIService %s", (_, object, ...sentences) => {
  expect(wrong(kind, object)).toEqual(sentences);
});
