import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOf, resources } from "../../core/client/index.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";
import { makeSigningRequest } from "../support/signing-request.ts";

let tool: Kubectl;
let credentials: string;
/** As the administrator. */
const admin = (...args: string[]): Promise<Outcome> => tool.run(...args);
/** As node `one`, with a certificate of its own. */
const one = (...args: string[]): Promise<Outcome> => tool.runAs(credentials, ...args);
const as = async (who: typeof one, object: object): Promise<Outcome> =>
  who("create", "-f", await tool.manifest("object", JSON.stringify(object)));

const pod = (name: string, nodeName: string, spec: object = {}, annotations: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", annotations },
  spec: { nodeName, containers: [{ name: "main", image: "busybox" }], ...spec },
});
const plain = (apiVersion: string, kind: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});

beforeAll(async () => {
  tool = await startKubectl();
  credentials = await tool.api.kubeconfigFor("system:node:one", ["system:nodes"]);
  await admin("create", "serviceaccount", "default");
  await admin("create", "secret", "generic", "kept");
  for (const name of ["one", "two"]) {
    await as(admin, plain("v1", "Node", name));
    await as(admin, plain("storage.k8s.io/v1", "CSINode", name, { spec: { drivers: [] } }));
    await as(admin, pod(`on-${name}`, name));
  }
});

afterAll(() => tool.dispose());

const mirror = { "kubernetes.io/config.mirror": "x" };

describe("a node", () => {
  test.each([
    ["nodes", "spec.unschedulable", "metadata.name", "one", "two"],
    ["pods", "spec.nodeName", "spec.nodeName", "on-one", "on-two"],
  ])("sees of %s its own alone", async (resource, _, field, own, other) => {
    expect((await one("get", resource, own, "-o", "name")).code).toBe(0);
    const refusal = 'User "system:node:one" cannot';
    expect((await one("get", resource, other)).err).toContain(`${refusal} get resource "${resource}"`);
    expect((await one("get", resource)).err).toContain(`${refusal} list resource "${resource}"`);
    const confined = (value: string): Promise<Outcome> =>
      one("get", resource, "-A", "-o", "name", "--field-selector", `${field}=${value}`);
    expect((await confined("one")).out).toContain(own);
    expect((await confined("two")).code).toBe(1);
    expect((await one("get", resource, "-A", "--field-selector", `${field}!=two`)).code).toBe(1);
  });

  test("has no business with the lease, the drivers or the devices of another", async () => {
    const leases = ["-n", "kube-node-lease", "get", "lease"];
    for (const args of [[...leases, "two"], leases, ["get", "csinode", "two"], ["get", "csinodes"]])
      expect((await one(...args)).err, args.join(" ")).toContain("Forbidden");
    expect((await one("get", "csinode", "one")).code).toBe(0);
    const slice = (nodeName: string) =>
      plain("resource.k8s.io/v1", "ResourceSlice", `of-${nodeName}`, {
        spec: {
          nodeName,
          driver: "d.example.com",
          pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
        },
      });
    expect((await as(one, slice("two"))).err).toContain("with spec.nodeName set to itself");
    expect((await as(one, slice("one"))).err).toBe("");
    expect((await as(admin, slice("two"))).err).toBe("");
    expect((await one("get", "resourceslices")).err).toContain("Forbidden");
    expect((await one("delete", "resourceslice", "of-two")).err).toContain("Forbidden");
    expect((await one("delete", "resourceslices", "--field-selector=spec.nodeName=one")).err).toBe("");
  });

  test("says of itself what it is, and not where its pods shall run", async () => {
    const label = (text: string): Promise<Outcome> => one("label", "node", "one", text);
    for (const text of ["a=b", "example.com/a=b", "node.kubernetes.io/a=b", "kubernetes.io/os=linux"])
      expect((await label(text)).err, text).toBe("");
    for (const text of ["kubernetes.io/a=b", "node-role.kubernetes.io/master=", "x.k8s.io/a=b"])
      expect((await label(text)).err, text).toContain("is not allowed to modify labels: ");
  });

  test("does not get at a secret by a pod that it says to run", async () => {
    const volumes = [{ name: "s", secret: { secretName: "kept" } }];
    const token = [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }];
    const claim = [{ name: "c", persistentVolumeClaim: { claimName: "any" } }];
    const refused: [object, string][] = [
      [{ volumes }, "a mirror pod may not reference secrets"],
      [{ volumes: token }, "a mirror pod may not use ServiceAccountToken volume projections"],
      [{ volumes: claim }, 'node "one" can not create pods that reference persistentvolumeclaims'],
      [{ serviceAccountName: "default" }, "a mirror pod may not reference service accounts"],
    ];
    const uid = (await admin("get", "node", "one", "-o", "jsonpath={.metadata.uid}")).out;
    const owner = { apiVersion: "v1", kind: "Node", name: "one", uid, controller: true };
    const mirrored = (spec: object): object => {
      const { metadata, ...rest } = pod("mirror", "one", spec, mirror);
      return { ...rest, metadata: { ...metadata, ownerReferences: [owner] } };
    };
    for (const [spec, why] of refused) expect((await as(one, mirrored(spec))).err).toContain(why);
    expect((await as(one, pod("mirror", "one", {}, mirror))).err).toContain(
      "with an owner reference set to itself",
    );
    expect((await as(one, mirrored({}))).err).toBe("");
    // Nor by one that somebody else made so.
    await as(admin, pod("odd", "one", { volumes }, mirror));
    expect((await one("get", "secret", "kept")).err).toContain("Forbidden");
    await as(admin, pod("user", "one", { volumes }));
    expect((await one("get", "secret", "kept")).code).toBe(0);
  });

  test("tells how its pods are, and does not relabel them", async () => {
    const status = (body: object): Promise<Outcome> =>
      one("patch", "pod", "on-one", "--subresource=status", "--type=merge", "-p", JSON.stringify(body));
    // kubectl reads before it patches, which a node may not.
    expect((await status({ status: { message: "x" } })).err).toContain('cannot get resource "pods/status"');
    const pods = clientOf(
      await tool.api.client("https", "system:node:one", ["system:nodes"]),
      resources.pods,
    );
    const patch = (body: object) =>
      pods.patch("on-one", "merge", body, { namespace: "default", subresource: "status" });
    expect(await patch({ status: { message: "x" } })).toMatchObject({ status: { message: "x" } });
    // Refused or passed over: what counts is that the label is not there afterwards.
    await Promise.allSettled([patch({ metadata: { labels: { app: "taken" } } })]);
    expect((await admin("get", "pod", "on-one", "-o", "jsonpath={.metadata.labels}")).out).toBe("");
  });

  test("asks for certificates of no other node", async () => {
    const ask = async (commonName: string): Promise<Outcome> => {
      const { request } = await makeSigningRequest({ commonName, organizations: ["system:nodes"] });
      const spec = {
        request: Buffer.from(request).toString("base64"),
        signerName: "kubernetes.io/kube-apiserver-client-kubelet",
        usages: ["client auth", "digital signature"],
      };
      const name = commonName.replaceAll(":", "-");
      return as(one, plain("certificates.k8s.io/v1", "CertificateSigningRequest", name, { spec }));
    };
    expect((await ask("system:node:two")).err).toContain(
      "can only create a node CSR with CN=system:node:one",
    );
    expect((await ask("system:node:one")).err).toBe("");
  });
});

test("who may read one name may list and watch that name", async () => {
  await admin("create", "configmap", "open");
  await admin(
    "create",
    "role",
    "one-map",
    "--verb=get,list,watch",
    "--resource=configmaps",
    "--resource-name=open",
  );
  await admin("create", "rolebinding", "one-map", "--role=one-map", "--user=ann");
  const ann = await tool.api.kubeconfigFor("ann");
  const list = (...args: string[]): Promise<Outcome> =>
    tool.runAs(ann, "get", "configmaps", "-o", "name", ...args);
  expect((await list("--field-selector=metadata.name=open")).out).toBe("configmap/open\n");
  for (const selector of ["metadata.name!=open", "metadata.name=other", "metadata.namespace=default"])
    expect((await list(`--field-selector=${selector}`)).err, selector).toContain("cannot list resource");
  expect((await list("--field-selector=metadata.name=open,metadata.name=other")).out).toBe("");
});
