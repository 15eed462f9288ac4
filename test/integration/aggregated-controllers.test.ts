import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AggregatedServer, startAggregatedServer } from "../support/aggregated-server.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

/** Controllers of this process beside a server that is not there, and beside one that is. */
let plane: TestControlPlane;
let tool: Kubectl;
let ice: AggregatedServer;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const service = "apiservice/v1.ice.example.com";

async function apply(text: string): Promise<Outcome> {
  return kubectl("apply", "-f", await tool.manifest("object", text));
}

/** What kubectl has to say against it, "" when it comes to pass. */
async function waiting(what: string, until: string): Promise<string> {
  return (await kubectl("wait", `--for=${until}`, what, "--timeout=60s")).err;
}

async function told(type: string): Promise<string> {
  const path = `{.status.conditions[?(@.type=="${type}")].message}`;
  return (await kubectl("get", "namespace", "parlour", "-o", `jsonpath=${path}`)).out;
}

beforeAll(async () => {
  plane = await startControlPlane();
  tool = await startKubectl({ api: plane.api });
  ice = await startAggregatedServer(plane.api.pki);
  await apply(`
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.ice.example.com}
spec:
  group: ice.example.com
  version: v1
  groupPriorityMinimum: 1000
  versionPriority: 15
  caBundle: ${ice.caBundle}
  service: {namespace: default, name: ice, port: ${ice.port}}
`);
  await waiting(service, "condition=Available=False");
});

afterAll(async () => {
  await tool.dispose();
  await plane.dispose();
  await ice.dispose();
});

describe("while a server does not answer", () => {
  test("a namespace is emptied of all else, says what could not be asked, and stays", async () => {
    await kubectl("create", "namespace", "parlour");
    await kubectl("create", "configmap", "menu", "-n", "parlour");
    ice.cones.add("parlour/waffle").add("elsewhere/waffle");
    await kubectl("delete", "namespace", "parlour", "--wait=false");
    expect(await waiting("namespace/parlour", "condition=NamespaceDeletionDiscoveryFailure")).toBe("");
    expect(await told("NamespaceDeletionDiscoveryFailure")).toMatch(
      /^Discovery failed for some groups, 1 failing: .*ice\.example\.com\/v1: v1\.ice\.example\.com is not available/,
    );
    expect((await kubectl("get", "configmaps", "-n", "parlour", "-o", "name")).out).toBe("");
    expect(await told("NamespaceContentRemaining")).toBe("All content successfully removed");
  });

  test("garbage is collected, of kinds that are new as well", async () => {
    await apply(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: spoons.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: spoons, kind: Spoon}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`);
    await waiting("crd/spoons.example.com", "condition=Established");
    await apply("---\n{apiVersion: example.com/v1, kind: Spoon, metadata: {name: long}}");
    const { out: uid } = await kubectl("get", "spoon", "long", "-o", "jsonpath={.metadata.uid}");
    const owner = `{apiVersion: example.com/v1, kind: Spoon, name: long, uid: ${uid}}`;
    const held = `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: held, ownerReferences: [${owner}]}}`;
    expect((await apply(held)).out).toContain("created");
    await kubectl("delete", "spoon", "long");
    expect(await waiting("configmap/held", "delete")).toBe("");
  });
});

describe("when it answers", () => {
  test("the namespace takes with it what that server keeps in it, and goes", async () => {
    await apply(`
apiVersion: v1
kind: Service
metadata: {name: ice, namespace: default}
spec: {type: ExternalName, externalName: localhost}
`);
    expect(await waiting(service, "condition=Available")).toBe("");
    expect(await waiting("namespace/parlour", "delete")).toBe("");
    expect([...ice.cones]).toEqual(["elsewhere/waffle"]);
  });

  test("what is owned there goes with its owner here", async () => {
    await kubectl("create", "configmap", "holder");
    const { out: uid } = await kubectl("get", "configmap", "holder", "-o", "jsonpath={.metadata.uid}");
    ice.cones.add("default/held", [{ apiVersion: "v1", kind: "ConfigMap", name: "holder", uid }]);
    await kubectl("delete", "configmap", "holder");
    await expect.poll(() => [...ice.cones], { timeout: 60_000 }).not.toContain("default/held");
    expect([...ice.cones]).toContain("elsewhere/waffle");
  });

  test("what is owned here goes with its owner there", async () => {
    ice.cones.add("default/holder");
    const owner = "{apiVersion: ice.example.com/v1, kind: Cone, name: holder, uid: default/holder}";
    await apply(
      `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: napkin, ownerReferences: [${owner}]}}`,
    );
    // It is there as long as its owner is: what is watched says so, not what was listed.
    await expect.poll(() => ice.cones.watchers, { timeout: 60_000 }).toBe(1);
    expect((await kubectl("get", "configmap", "napkin", "-o", "name")).out).toBe("configmap/napkin\n");
    ice.cones.delete("default/holder");
    expect(await waiting("configmap/napkin", "delete")).toBe("");
  });
});
