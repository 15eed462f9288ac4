import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

/** Custom resources under the real controllers: they own, are owned, are counted and go with their namespace. */
let plane: TestControlPlane;
let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

const widgets = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`;

interface Named {
  readonly kind: "Widget" | "ConfigMap";
  readonly name: string;
  readonly owner?: { readonly kind: "Widget" | "ConfigMap"; readonly name: string };
  readonly finalizer?: string;
  readonly namespace?: string;
}

const versions = { Widget: "example.com/v1", ConfigMap: "v1" };

async function make({ kind, name, owner, finalizer, namespace = "default" }: Named): Promise<Outcome> {
  const uid = owner && (await uidOf(owner.kind, owner.name));
  const owners = owner && [{ apiVersion: versions[owner.kind], ...owner, uid, blockOwnerDeletion: true }];
  const metadata = { name, namespace, ownerReferences: owners, finalizers: finalizer && [finalizer] };
  const text = JSON.stringify({ apiVersion: versions[kind], kind, metadata });
  return kubectl("create", "-f", await tool.manifest(name, text));
}

async function uidOf(kind: string, name: string): Promise<string> {
  return (await kubectl("get", kind, name, "-o", "jsonpath={.metadata.uid}")).out;
}

/** What kubectl has to say against it, "" when the object goes. */
async function going(what: string): Promise<string> {
  return (await kubectl("wait", "--for=delete", what, "--timeout=60s")).err;
}

async function release(what: string, ...more: string[]): Promise<void> {
  await kubectl("patch", what, "--type=merge", "-p", '{"metadata":{"finalizers":null}}', ...more);
}

beforeAll(async () => {
  plane = await startControlPlane();
  tool = await startKubectl({ api: plane.api });
  await kubectl("apply", "-f", await tool.manifest("widgets", widgets));
  await kubectl("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=60s");
});

afterAll(async () => {
  await tool.dispose();
  await plane.dispose();
});

describe("garbage collection", () => {
  test("takes what a custom resource owned, soon after its kind began", async () => {
    await make({ kind: "Widget", name: "parent" });
    await make({ kind: "ConfigMap", name: "child", owner: { kind: "Widget", name: "parent" } });
    await kubectl("delete", "widget", "parent");
    expect(await going("configmap/child")).toBe("");
  });

  test("takes a custom resource whose owner went", async () => {
    await make({ kind: "ConfigMap", name: "owner" });
    await make({ kind: "Widget", name: "owned", owner: { kind: "ConfigMap", name: "owner" } });
    await kubectl("delete", "configmap", "owner");
    expect(await going("widget/owned")).toBe("");
  });

  test("in the foreground keeps the owner until what it owned is gone", async () => {
    await make({ kind: "Widget", name: "front" });
    const owner = { kind: "Widget", name: "front" } as const;
    await make({ kind: "ConfigMap", name: "back", owner, finalizer: "example.com/hold" });
    await kubectl("delete", "widget", "front", "--cascade=foreground", "--wait=false");
    const dying = await kubectl("wait", "--for=jsonpath={.metadata.deletionTimestamp}", "configmap/back");
    expect(dying.code, dying.err).toBe(0);
    expect((await kubectl("get", "widget", "front", "-o", "jsonpath={.metadata.finalizers}")).out).toBe(
      '["foregroundDeletion"]',
    );
    await release("configmap/back");
    expect(await going("widget/front")).toBe("");
  });

  test("takes a circle of owners in the foreground, too", async () => {
    await make({ kind: "Widget", name: "one" });
    await make({ kind: "ConfigMap", name: "two", owner: { kind: "Widget", name: "one" } });
    await make({ kind: "Widget", name: "three", owner: { kind: "ConfigMap", name: "two" } });
    const ref = { apiVersion: versions.Widget, kind: "Widget", name: "three", blockOwnerDeletion: true };
    const ownerReferences = [{ ...ref, uid: await uidOf("Widget", "three") }];
    const patch = JSON.stringify({ metadata: { ownerReferences } });
    const closed = await kubectl("patch", "widget", "one", "--type=merge", "-p", patch);
    expect(closed.code, closed.err).toBe(0);
    await kubectl("delete", "widget", "one", "--cascade=foreground", "--wait=false");
    for (const what of ["widget/one", "configmap/two", "widget/three"]) expect(await going(what)).toBe("");
  });

  test("leaves what was to be orphaned", async () => {
    await make({ kind: "Widget", name: "left" });
    await make({ kind: "ConfigMap", name: "stays", owner: { kind: "Widget", name: "left" } });
    await kubectl("delete", "widget", "left", "--cascade=orphan");
    expect(
      (await kubectl("get", "configmap", "stays", "-o", "jsonpath={.metadata.ownerReferences}")).out,
    ).toBe("");
  });
});

test("a namespace goes with its custom resources, and not before", async () => {
  await kubectl("create", "namespace", "shop");
  await make({ kind: "Widget", name: "plain", namespace: "shop" });
  await make({ kind: "Widget", name: "held", namespace: "shop", finalizer: "example.com/hold" });
  await kubectl("delete", "namespace", "shop", "--wait=false");
  const remaining = await kubectl(
    "wait",
    "--for=condition=NamespaceContentRemaining",
    "namespace/shop",
    "--timeout=60s",
  );
  expect(remaining.code, remaining.err).toBe(0);
  const message = '{.status.conditions[?(@.type=="NamespaceContentRemaining")].message}';
  expect((await kubectl("get", "namespace", "shop", "-o", `jsonpath=${message}`)).out).toContain("widgets");
  await release("widget/held", "-n", "shop");
  expect(await going("namespace/shop")).toBe("");
});

test("a quota counts custom resources, and gives back what is deleted", async () => {
  await kubectl("create", "namespace", "small");
  await kubectl("create", "quota", "few", "--hard=count/widgets.example.com=1", "-n", "small");
  expect((await make({ kind: "Widget", name: "one", namespace: "small" })).out).toContain("created");
  expect((await make({ kind: "Widget", name: "two", namespace: "small" })).err).toContain(
    'widgets.example.com "two" is forbidden: exceeded quota: few, requested: count/widgets.example.com=1, ' +
      "used: count/widgets.example.com=1, limited: count/widgets.example.com=1",
  );
  await kubectl("delete", "widget", "one", "-n", "small");
  expect((await make({ kind: "Widget", name: "two", namespace: "small" })).out).toContain("created");
});
