import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeKubeconfig } from "../../core/http/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";
import { makeSigningRequest, type SigningRequestOptions } from "../support/signing-request.ts";

let plane: TestControlPlane;
let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

beforeAll(async () => {
  plane = await startControlPlane();
  tool = await startKubectl({ api: plane.api });
});

afterAll(async () => {
  await tool.dispose();
  await plane.dispose();
});

interface Asked {
  readonly name: string;
  readonly signer: string;
  readonly usages: readonly string[];
  readonly subject: SigningRequestOptions;
  readonly seconds?: number;
}

const clientSigner = "kubernetes.io/kube-apiserver-client";
const nodeSigner = "kubernetes.io/kube-apiserver-client-kubelet";

/** The outcome of creating it, as the administrator or as who is given, and the key that belongs to it. */
async function ask(asked: Asked, as: readonly string[] = []): Promise<Outcome & { key: string }> {
  const { request, key } = await makeSigningRequest(asked.subject);
  const object = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: asked.name },
    spec: {
      request: Buffer.from(request).toString("base64"),
      signerName: asked.signer,
      usages: asked.usages,
      ...(asked.seconds === undefined ? {} : { expirationSeconds: asked.seconds }),
    },
  };
  const file = await tool.manifest(asked.name, JSON.stringify(object));
  return { ...(await kubectl("create", "-f", file, ...as)), key };
}

const field = async (name: string, path: string): Promise<string> =>
  (await kubectl("get", "csr", name, "-o", `jsonpath={${path}}`)).out;

async function issued(name: string): Promise<string> {
  await expect.poll(() => field(name, ".status.certificate"), { timeout: 60_000 }).not.toBe("");
  return Buffer.from(await field(name, ".status.certificate"), "base64").toString("utf8");
}

describe("certificate signing requests", () => {
  test("an approved one is issued, and its certificate logs its user in", async () => {
    const { key } = await ask({
      name: "ann",
      signer: clientSigner,
      usages: ["client auth"],
      subject: { commonName: "ann", organizations: ["team-a"], key: "rsa" },
      seconds: 3600,
    });
    expect((await kubectl("get", "csr", "ann", "--no-headers")).out).toMatch(/ann .*admin .*60m .*Pending/);
    expect((await kubectl("certificate", "approve", "ann")).out).toContain("ann approved");
    const certificate = await issued("ann");
    expect((await kubectl("get", "csr", "ann", "--no-headers")).out).toContain("Approved,Issued");
    const { validTo } = new X509Certificate(certificate);
    expect(Math.abs(Date.parse(validTo) - Date.now() - 3_600_000)).toBeLessThan(120_000);
    const file = join(plane.api.folder, "ann.kubeconfig");
    await writeKubeconfig(file, {
      server: plane.api.server.url,
      authorityCertificate: plane.api.pki.authorityCertificate,
      name: "test",
      user: { name: "ann", certificate: { certificate, key } },
    });
    const who = await tool.runAs(file, "auth", "whoami", "-o", "jsonpath={.status.userInfo}");
    expect(JSON.parse(who.out)).toMatchObject({
      username: "ann",
      groups: ["team-a", "system:authenticated"],
    });
  });

  test("a denied one is never issued, and is not decided twice", async () => {
    await ask({ name: "ben", signer: clientSigner, usages: ["client auth"], subject: { commonName: "ben" } });
    await kubectl("certificate", "deny", "ben");
    expect((await kubectl("get", "csr", "ben", "--no-headers")).out).toContain("Denied");
    expect((await kubectl("certificate", "approve", "ben")).code).toBe(1);
    expect(await field("ben", ".status.certificate")).toBe("");
  });

  test("nobody gets into system:masters by asking", async () => {
    const subject = { commonName: "mallory", organizations: ["system:masters"] };
    const { err } = await ask({ name: "mallory", signer: clientSigner, usages: ["client auth"], subject });
    expect(err).toContain(
      "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
    );
  });

  test("to approve needs the verb approve on the signer, whatever else one may do with requests", async () => {
    await kubectl(
      "create",
      "clusterrole",
      "csr-all",
      "--verb=*",
      "--resource=certificatesigningrequests,certificatesigningrequests/approval",
    );
    await kubectl("create", "clusterrolebinding", "csr-all", "--clusterrole=csr-all", "--user=clerk");
    await ask({
      name: "cleo",
      signer: clientSigner,
      usages: ["client auth"],
      subject: { commonName: "cleo" },
    });
    const { err } = await kubectl("certificate", "approve", "cleo", "--as=clerk");
    expect(err).toContain(
      'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    );
  });

  test("a node that joins with a bootstrap group is approved by itself, and one that shows more than a node is not", async () => {
    const usages = ["client auth", "digital signature"];
    const subject = { commonName: "system:node:two", organizations: ["system:nodes"] };
    const joining = ["--as=joiner", "--as-group=system:bootstrappers"];
    await ask({ name: "two", signer: nodeSigner, usages, subject }, joining);
    expect(new X509Certificate(await issued("two")).subject).toBe("O=system:nodes\nCN=system:node:two");
    const stranger = ["--as=system:node:one", "--as-group=system:nodes"];
    await ask({ name: "three", signer: nodeSigner, usages, subject }, stranger);
    const named = { ...subject, dnsNames: ["two.example"] };
    await ask({ name: "four", signer: nodeSigner, usages, subject: named }, joining);
    // Requests are looked at in order: when a later one is issued, these have been passed over.
    await ask({ name: "five", signer: nodeSigner, usages, subject }, joining);
    await issued("five");
    for (const name of ["three", "four"]) expect(await field(name, ".status.conditions")).toBe("");
    await kubectl("certificate", "approve", "four");
    await expect
      .poll(() => field("four", ".status.conditions[1].message"), { timeout: 60_000 })
      .toBe("subject alternative names are not allowed");
  });

  test("what cannot be read or is asked wrongly is refused at once with the field", async () => {
    const file = await tool.manifest(
      "broken",
      JSON.stringify({
        apiVersion: "certificates.k8s.io/v1",
        kind: "CertificateSigningRequest",
        metadata: { name: "broken" },
        spec: {
          request: Buffer.from("no").toString("base64"),
          signerName: clientSigner,
          usages: ["client auth"],
        },
      }),
    );
    expect((await kubectl("create", "-f", file)).err).toContain(
      'spec.request: Invalid value: "bm8=": PEM block type must be CERTIFICATE REQUEST',
    );
    const bad = { name: "bad", signer: "nodomain", usages: [], subject: { commonName: "x" }, seconds: 5 };
    const { err } = await ask(bad);
    expect(err).toContain("spec.signerName: Invalid value");
    expect(err).toContain("spec.usages: Required value");
    expect(err).toContain("may not specify a duration less than 600 seconds (10 minutes)");
  });

  test("who asks is written down by the server, whatever the request says of it", async () => {
    const { request } = await makeSigningRequest({ commonName: "liar" });
    const object = {
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name: "liar" },
      spec: {
        request: Buffer.from(request).toString("base64"),
        signerName: clientSigner,
        usages: ["client auth"],
        username: "system:node:one",
        groups: ["system:masters"],
      },
    };
    await kubectl("create", "-f", await tool.manifest("liar", JSON.stringify(object)));
    expect(await field("liar", ".spec.username")).toBe("admin");
  });
});

describe("aggregated cluster roles", () => {
  test("show the rules of the roles they select, though one of those has none", async () => {
    const rules = async (): Promise<string> =>
      (await kubectl("get", "clusterrole", "view", "-o", "jsonpath={.rules[*].resources}")).out;
    await expect.poll(rules, { timeout: 60_000 }).toContain("configmaps");
    await kubectl("create", "clusterrolebinding", "vera", "--clusterrole=view", "--user=vera");
    await kubectl("create", "clusterrole", "view-nothing", "--aggregation-rule=nothing=here");
    await kubectl("label", "clusterrole", "view-nothing", "rbac.authorization.k8s.io/aggregate-to-view=true");
    await kubectl("create", "clusterrole", "view-nodes", "--verb=get", "--resource=nodes");
    await kubectl("label", "clusterrole", "view-nodes", "rbac.authorization.k8s.io/aggregate-to-view=true");
    await expect.poll(rules, { timeout: 60_000 }).toContain('["nodes"]');
    expect((await kubectl("auth", "can-i", "get", "nodes", "--as=vera")).out).toContain("yes");
  });
});
