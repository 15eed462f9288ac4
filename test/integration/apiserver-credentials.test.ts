import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, get, request } from "node:https";
import { join } from "node:path";
import { text as allOf } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeClock, silentLogger } from "@berth/base";
import { clientOf, resources } from "../../core/client/index.ts";
import { issueCertificate, openPki, writeKubeconfig } from "../../core/http/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

const day = 24 * 3_600_000;

let plane: TestControlPlane;
let tool: Kubectl;

beforeAll(async () => {
  plane = await startControlPlane();
  tool = await startKubectl({ api: plane.api });
});

afterAll(async () => {
  await tool.dispose();
  await plane.dispose();
});

const whoami = async (...credentials: string[]): Promise<Outcome> =>
  tool.runAs(
    await plane.api.bareKubeconfig(),
    ...credentials,
    ...["auth", "whoami", "-o", "jsonpath={.status.userInfo.username} {.status.userInfo.groups}"],
  );

async function makeToken(id: string, secret: string, more: Record<string, string>): Promise<void> {
  const stringData = { "token-id": id, "token-secret": secret, ...more };
  await clientOf(plane.admin, resources.secrets).create(
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData,
    },
    { namespace: "kube-system" },
  );
}

describe("bootstrap tokens", () => {
  const secret = "0123456789abcdef";
  const login = { "usage-bootstrap-authentication": "true" };

  test("log a machine in that joins, with the groups that the token gives and no others", async () => {
    const groups = "system:bootstrappers:kubeadm:default-node-token,system:masters";
    await makeToken("aaaaaa", secret, { ...login, "auth-extra-groups": groups });
    expect((await whoami("--token", `aaaaaa.${secret}`)).out).toBe(
      'system:bootstrap:aaaaaa ["system:bootstrappers","system:bootstrappers:kubeadm:default-node-token","system:authenticated"]',
    );
  });

  test("are nothing when the secret is wrong or they are for something else", async () => {
    await makeToken("bbbbbb", secret, {});
    for (const token of [`bbbbbb.${secret}`, "aaaaaa.ffffffffffffffff", `cccccc.${secret}`])
      expect((await whoami("--token", token)).err).toContain("the bearer token is not known here");
  });

  test("are deleted when their time is over", async () => {
    await makeToken("dddddd", secret, { ...login, expiration: new Date(Date.now() - 1000).toISOString() });
    const names = async (): Promise<string> =>
      (await tool.run("get", "secrets", "-n", "kube-system", "-o", "name")).out;
    await expect.poll(names, { timeout: 60_000 }).not.toContain("dddddd");
    expect(await names()).toContain("aaaaaa");
  });
});

describe("client certificates", () => {
  async function refusal(notBefore: Date, notAfter: Date): Promise<string> {
    const { authority, authorityCertificate } = plane.api.pki;
    const request = { commonName: "ann", usages: ["client"] as const, notBefore, notAfter };
    const file = join(plane.api.folder, "ann.kubeconfig");
    await writeKubeconfig(file, {
      server: plane.api.server.url,
      authorityCertificate,
      name: "test",
      user: { name: "ann", certificate: await issueCertificate(authority, request) },
    });
    return (await tool.runAs(file, "auth", "whoami")).err;
  }

  test("that have expired are refused saying so, with their dates", async () => {
    const from = new Date(Date.now() - 10 * day);
    expect(await refusal(from, new Date(Date.now() - day))).toMatch(
      /the client certificate has expired \(.*GMT to .*GMT\)/,
    );
  });

  test("end on a connection that was made before their end, too", async () => {
    const { authority, authorityCertificate: ca } = plane.api.pki;
    const [notBefore, notAfter] = [new Date(Date.now() - day), new Date(Date.now() + 5_000)];
    const request = { commonName: "ann", usages: ["client"] as const, notBefore, notAfter };
    const { certificate: cert, key } = await issueCertificate(authority, request);
    const agent = new Agent({ ca, cert, key, keepAlive: true, maxSockets: 1, ALPNProtocols: ["http/1.1"] });
    const used = new Set<unknown>();
    const ask = async (): Promise<string> => {
      const asked = get(`${plane.api.server.url}/apis`, { agent });
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      used.add(answer.socket);
      return `${answer.statusCode} ${await allOf(answer)}`;
    };
    try {
      expect(await ask()).toMatch(/^200 /);
      await expect.poll(ask, { timeout: 60_000 }).toMatch(/^401 .*the client certificate has expired/s);
      expect(used.size).toBe(1);
    } finally {
      agent.destroy();
    }
  });

  test("from the future are refused saying that a clock is wrong", async () => {
    const from = new Date(Date.now() + day);
    expect(await refusal(from, new Date(Date.now() + 2 * day))).toContain(
      "the client certificate is not valid yet: compare the clocks of both machines",
    );
  });

  test("of another authority do not count", async () => {
    const stranger = await openPki({
      folder: join(plane.api.folder, "stranger"),
      clock: new FakeClock(Date.now()),
      logger: silentLogger,
    });
    const file = join(plane.api.folder, "eve.kubeconfig");
    await writeKubeconfig(file, {
      server: plane.api.server.url,
      authorityCertificate: plane.api.pki.authorityCertificate,
      name: "test",
      user: {
        name: "eve",
        certificate: await stranger.leaf("eve", {
          commonName: "eve",
          organizations: ["system:masters"],
          usages: ["client"],
        }),
      },
    });
    expect((await tool.runAs(file, "get", "namespaces")).err).toContain("comes from another authority");
  });
});

test("a token is looked at with every request of a connection, as it is with the first", async () => {
  const { url: server } = plane.api.server;
  const options = { keepAlive: true, maxSockets: 1, ALPNProtocols: ["http/1.1"] };
  const agent = new Agent({ ...options, ca: plane.api.pki.authorityCertificate });
  const review = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
  const used = new Set<unknown>();
  const who = async (token?: string): Promise<string> => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { "content-type": "application/json", ...authorization };
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const asked = request(server + path, { method: "POST", agent, headers }).end(review);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    used.add(answer.socket);
    const text = await allOf(answer);
    return /"username":"system:serviceaccount:default:([^"]*)/.exec(text)?.[1] ?? String(answer.statusCode);
  };
  try {
    const made = ["first", "second"].map(async (name) => {
      await tool.run("create", "serviceaccount", name);
      return (await tool.run("create", "token", name)).out.trim();
    });
    const [first, second] = await Promise.all(made);
    const seen: string[] = [];
    for (const token of [first, first, second, undefined, first]) seen.push(await who(token));
    expect(seen).toEqual(["first", "first", "second", "401", "first"]);
    await tool.run("delete", "serviceaccount", "first");
    expect([await who(first), await who(second)]).toEqual(["401", "second"]);
    expect(used.size).toBe(1);
  } finally {
    agent.destroy();
  }
});

describe("lasting tokens in Secrets", () => {
  const text = (name: string, account: string): string =>
    `apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: ${name}, annotations: {kubernetes.io/service-account.name: ${account}}}
`;
  const kept = async (name: string, key: string): Promise<string> => {
    const { out } = await tool.run("get", "secret", name, "-o", `jsonpath={.data.${key}}`);
    return Buffer.from(out, "base64").toString();
  };
  const asking = async (name: string): Promise<Outcome> => whoami("--token", await kept(name, "token"));

  test("are filled in, with the authority and the namespace, and identify their account", async () => {
    await tool.run("create", "serviceaccount", "keeper");
    await tool.run("apply", "-f", await tool.manifest("lasting", text("lasting", "keeper")));
    expect((await asking("lasting")).out).toContain("system:serviceaccount:default:keeper");
    expect(await kept("lasting", "namespace")).toBe("default");
    expect(await kept("lasting", "ca\\.crt")).toBe(plane.api.pki.authorityCertificate);
    const uid = (await tool.run("get", "sa", "keeper", "-o", "jsonpath={.metadata.uid}")).out;
    const annotation = "jsonpath={.metadata.annotations.kubernetes\\.io/service-account\\.uid}";
    expect((await tool.run("get", "secret", "lasting", "-o", annotation)).out).toBe(uid);
  });

  test("end with their Secret, and with their account", async () => {
    const token = await kept("lasting", "token");
    await tool.run("apply", "-f", await tool.manifest("other", text("other", "keeper")));
    await tool.run("delete", "secret", "lasting");
    expect((await whoami("--token", token)).err).toMatch(/Unauthorized|must be logged in/);
    expect((await asking("other")).code).toBe(0);
    const other = await kept("other", "token");
    await tool.run("delete", "serviceaccount", "keeper");
    expect((await whoami("--token", other)).err).toMatch(/Unauthorized|must be logged in/);
  });

  test("are not made for an account that is not there", async () => {
    await tool.run("apply", "-f", await tool.manifest("orphan", text("orphan", "nobody")));
    expect(await kept("orphan", "token")).toBe("");
  });
});

describe("tokens of service accounts", () => {
  test("say when they were given less time than was asked for", async () => {
    await tool.run("create", "serviceaccount", "robot");
    const { err, out } = await tool.run("create", "token", "robot", "--duration=720h");
    expect(err).toContain("requested expiration of 2592000 seconds shortened to 86400 seconds");
    expect((await whoami("--token", out.trim())).out).toContain("system:serviceaccount:default:robot");
  });

  test("are for the audience they name, and die with the pod they are bound to", async () => {
    const elsewhere = (await tool.run("create", "token", "robot", "--audience=vault")).out.trim();
    expect((await whoami("--token", elsewhere)).err).toContain('token audiences ["vault"] is invalid for');
    const pod = { name: "p", namespace: "default" };
    await clientOf(plane.admin, resources.pods).create(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: pod,
        spec: { serviceAccountName: "robot", containers: [{ name: "c", image: "i" }] },
      },
      { namespace: "default" },
    );
    const bound = ["--bound-object-kind=Pod", "--bound-object-name=p"];
    const token = (await tool.run("create", "token", "robot", ...bound)).out.trim();
    expect((await whoami("--token", token)).code).toBe(0);
    await tool.run("delete", "pod", "p", "--now");
    expect((await whoami("--token", token)).err).toContain("the token's pod default/p is gone");
  });

  test("die with the node they are bound to, and with nothing else of its name", async () => {
    const node = await tool.manifest("brief", "apiVersion: v1\nkind: Node\nmetadata: {name: brief}\n");
    await tool.run("create", "-f", node);
    const bound = ["--bound-object-kind=Node", "--bound-object-name=brief"];
    const token = (await tool.run("create", "token", "robot", ...bound)).out.trim();
    const uid = (await tool.run("get", "node", "brief", "-o", "jsonpath={.metadata.uid}")).out;
    const extra = ["auth", "whoami", "-o", "jsonpath={.status.userInfo.extra}"];
    const { out } = await tool.runAs(await plane.api.bareKubeconfig(), "--token", token, ...extra);
    expect(JSON.parse(out)).toMatchObject({
      "authentication.kubernetes.io/node-name": ["brief"],
      "authentication.kubernetes.io/node-uid": [uid],
    });
    await tool.run("delete", "node", "brief");
    expect((await whoami("--token", token)).err).toContain("the token's node brief is gone");
    await tool.run("create", "-f", node);
    expect((await whoami("--token", token)).err).toContain("replaced by another of the same name");
    const wrong = await tool.run("create", "token", "robot", ...bound, "--bound-object-uid=other");
    expect(wrong.err).toContain(
      'Operation cannot be fulfilled on Node "brief": the UID in the bound object reference (other) does not match',
    );
  });

  test("are reviewed for whom they are, others for this server alone", async () => {
    const review = async (spec: object): Promise<Outcome> => {
      const object = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec };
      const file = await tool.manifest("review", JSON.stringify(object));
      // What cannot be patched kubectl checks itself, in other words.
      const asked = ["create", "--validate=false", "-f", file];
      return tool.run(...asked, "-o", "jsonpath={.status.authenticated} {.status.audiences}");
    };
    const own = "https://kubernetes.default.svc.cluster.local";
    const token = "aaaaaa.0123456789abcdef";
    expect((await review({ token })).out).toBe(`true ["${own}"]`);
    expect((await review({ token, audiences: ["vault", own] })).out).toBe(`true ["${own}"]`);
    expect((await review({ token, audiences: ["vault"] })).out).toBe(" ");
    expect((await review({ token: "" })).err).toContain(
      "token is required for TokenReview in authentication",
    );
  });

  test("can be checked by anybody who knows the issuer's keys", async () => {
    const issuer = JSON.parse((await tool.run("get", "--raw", "/.well-known/openid-configuration")).out) as {
      jwks_uri: string;
    };
    expect(issuer.jwks_uri).toMatch(/\/openid\/v1\/jwks$/);
    const { keys } = JSON.parse((await tool.run("get", "--raw", "/openid/v1/jwks")).out) as {
      keys: { kid: string; use: string }[];
    };
    const token = (await tool.run("create", "token", "robot")).out.trim();
    const header = JSON.parse(Buffer.from(token.split(".", 1)[0]!, "base64url").toString()) as {
      kid: string;
    };
    expect(keys).toContainEqual(expect.objectContaining({ kid: header.kid, use: "sig" }));
  });
});
