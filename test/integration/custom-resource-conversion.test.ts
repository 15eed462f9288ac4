import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConversionWebhook, startConversionWebhook } from "../support/conversion-webhook.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
let webhook: ConversionWebhook;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

const definition = (plural: string, kind: string, conversion: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: ${plural}, kind: ${kind}}
  conversion: ${conversion}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {both: {type: string}, later: {type: string, default: l}}}}
  - name: v1beta1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {both: {type: string}, earlier: {type: string, default: e}}}}
`;

async function apply(text: string): Promise<Outcome> {
  return kubectl("apply", "-f", await tool.manifest("object", text));
}

async function define(plural: string, kind: string, conversion: string): Promise<void> {
  await apply(definition(plural, kind, conversion));
  await kubectl("wait", "--for=condition=Established", `crd/${plural}.example.com`, "--timeout=60s");
}

async function read(resource: string, name: string): Promise<Record<string, unknown>> {
  const { out, err } = await kubectl("get", resource, name, "-o", "json");
  return out === "" ? { err } : (JSON.parse(out) as Record<string, unknown>);
}

beforeAll(async () => {
  tool = await startKubectl();
  webhook = await startConversionWebhook(tool.api.pki, (object, apiVersion) => ({ ...object, apiVersion }));
});

afterAll(async () => {
  await tool.dispose();
  await webhook.dispose();
});

describe("without a conversion, versions differ in their names and schemas", () => {
  test("what one version knows is pruned in the other, and filled with its defaults", async () => {
    await define("plains", "Plain", "{strategy: None}");
    const text =
      "---\n{apiVersion: example.com/v1beta1, kind: Plain, metadata: {name: a}, both: b, earlier: x}";
    expect((await apply(text)).out).toContain("created");
    const later = await read("plains.v1.example.com", "a");
    expect(later).toMatchObject({ apiVersion: "example.com/v1", both: "b", later: "l" });
    expect(later).not.toHaveProperty("earlier");
    const earlier = await read("plains.v1beta1.example.com", "a");
    expect(earlier).toMatchObject({ apiVersion: "example.com/v1beta1", both: "b" });
    expect(earlier).not.toHaveProperty("later");
    expect((earlier["metadata"] as { uid: string }).uid).toBe((later["metadata"] as { uid: string }).uid);
  });

  test("appliers of either version share the object", async () => {
    const text = (version: string, more: string): string =>
      `---\n{apiVersion: example.com/${version}, kind: Plain, metadata: {name: shared}, ${more}}`;
    const file = await tool.manifest("early", text("v1beta1", "both: b"));
    await kubectl("apply", "--server-side", "--field-manager=early", "-f", file);
    const other = await tool.manifest("late", text("v1", "later: mine"));
    expect((await kubectl("apply", "--server-side", "--field-manager=late", "-f", other)).err).toBe("");
    expect(await read("plains", "shared")).toMatchObject({ both: "b", later: "mine" });
    const clash = await tool.manifest("clash", text("v1", "both: c"));
    const { err } = await kubectl("apply", "--server-side", "--field-manager=late", "-f", clash);
    expect(err).toContain('conflict with "early": .both');
  });
});

describe("a conversion webhook behind a Service", () => {
  test("is asked where its endpoints are, and told of when it has none", async ({ skip }) => {
    if (webhook.address === undefined) skip("this machine has no address besides the loopback one");
    await apply(`apiVersion: v1
kind: Service
metadata: {name: conversion}
spec: {ports: [{name: https, port: 443}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: conversion-1, labels: {kubernetes.io/service-name: conversion}}
addressType: IPv4
endpoints: [{addresses: [${webhook.address}], conditions: {ready: true}}]
ports: [{name: https, port: ${webhook.port}}]`);
    const client = `{service: {namespace: default, name: conversion, path: /convert}, caBundle: ${webhook.caBundle}}`;
    const asked = `{strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: ${client}}}`;
    await define("served", "Served", asked);
    const text = "---\n{apiVersion: example.com/v1beta1, kind: Served, metadata: {name: a}, both: b}";
    expect((await apply(text)).out).toContain("created");
    expect(webhook.reviews.count).toBeGreaterThan(0);
    expect(await read("served.v1.example.com", "a")).toMatchObject({ both: "b" });
    await kubectl("delete", "endpointslice", "conversion-1");
    const other = "---\n{apiVersion: example.com/v1beta1, kind: Served, metadata: {name: b}}";
    expect((await apply(other)).err).toContain('no endpoints available for service "conversion"');
    expect((await kubectl("get", "served.v1.example.com", "b")).err).toContain("not found");
  });
});
