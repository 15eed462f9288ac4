import { expect, it } from "vitest";
import { exactInteger } from "../json/raw-number.ts";
import { kinds } from "../kinds/kinds.ts";
import { validateCreate } from "./validate.ts";

const fields = (group: string, kind: string, object: object): string[] =>
  validateCreate(kinds.byKind(group, "v1", kind)!, object).map(({ field }) => field);

it("a signing request without a signer is refused by its fields", () => {
  const object = { metadata: { name: "a" }, spec: { request: "" } };
  expect(fields("certificates.k8s.io", "CertificateSigningRequest", object)).toContain("spec.usages");
});

it("a limit on a resource named constructor is compared with nothing that is not there", () => {
  const limits = [{ type: "Pod", max: { constructor: "1" }, min: {} }];
  const object = { metadata: { name: "a", namespace: "d" }, spec: { limits } };
  expect(() => fields("", "LimitRange", object)).not.toThrow();
});

it("amounts of resources that every object inherits a member of are compared with nothing", () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const amounts = JSON.parse(`{"${name}":"1"}`) as Record<string, string>;
    const range = {
      metadata: { name: "a", namespace: "d" },
      spec: { limits: [{ type: "Pod", max: {}, min: amounts }] },
    };
    expect(() => fields("", "LimitRange", range)).not.toThrow();
    const containers = [{ name: "c", image: "i", resources: { requests: amounts, limits: { cpu: "1" } } }];
    const pod = { metadata: { name: "a", namespace: "d" }, spec: { containers } };
    expect(() => fields("", "Pod", pod)).not.toThrow();
  }
});

it("a source that names a Secret and no package is refused by its field", () => {
  const source = { npm: { pullSecret: { namespace: "a", name: "b" } } };
  const object = { metadata: { name: "a" }, spec: { contract: "cni", source } };
  const found = validateCreate(kinds.byKind("berth.dev", "v1alpha1", "Plugin")!, object);
  expect(found.map(({ field }) => field)).toContain("spec.source.npm.package");
});

it("a finalizer without a domain's path is for the kinds that upstream checks by the rules for any API", () => {
  const metadata = { name: "a", namespace: "d", finalizers: ["customresourcecleanup.apiextensions.k8s.io"] };
  expect(fields("", "ConfigMap", { metadata })).toEqual(["metadata.finalizers[0]"]);
  const { namespace: _, ...clusterWide } = metadata;
  const definition = { metadata: clusterWide, spec: {} };
  expect(fields("apiextensions.k8s.io", "CustomResourceDefinition", definition)).not.toContain(
    "metadata.finalizers[0]",
  );
});

it.each([-1, exactInteger("9007199254740992")])("a set's revision of %j is refused", (revision) => {
  const object = { metadata: { name: "a" }, spec: { plugins: ["a"], revision } };
  const found = validateCreate(kinds.byKind("berth.dev", "v1alpha1", "PluginSet")!, object);
  expect(found.map(({ field }) => field)).toEqual(["spec.revision"]);
});
