import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { text as readText } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpsTransport, readKubeconfig } from "../../core/client/index.ts";
import { type Kubectl, type Outcome, podText, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const manifest = (name: string, text: string): Promise<string> => tool.manifest(name, text);

beforeAll(async () => {
  tool = await startKubectl();
  await kubectl("create", "serviceaccount", "default");
});

afterAll(() => tool.dispose());

describe("who may do what", () => {
  test("a user without any role may look at himself and at nothing else", async () => {
    const bob = await tool.api.kubeconfigFor("bob");
    const { code, err } = await tool.runAs(bob, "get", "pods");
    expect(code).toBe(1);
    expect(err).toContain(
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect((await tool.runAs(bob, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).out).toBe(
      "bob",
    );
  });

  test("a role binding gives a user what the role says, and no more", async () => {
    await kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods");
    await kubectl("create", "rolebinding", "reader", "--role=reader", "--user=carol");
    const carol = await tool.api.kubeconfigFor("carol");
    expect((await tool.runAs(carol, "get", "pods")).code).toBe(0);
    expect((await tool.runAs(carol, "auth", "can-i", "delete", "pods")).out).toBe("no\n");
    expect((await kubectl("auth", "can-i", "list", "pods", "--as=carol")).out).toBe("yes\n");
  });

  test("view shows pods through its aggregated rules, and no secrets", async () => {
    await kubectl("create", "clusterrolebinding", "dora", "--clusterrole=view", "--user=dora");
    expect((await kubectl("auth", "can-i", "list", "pods", "--as=dora")).out).toBe("yes\n");
    expect((await kubectl("auth", "can-i", "get", "secrets", "--as=dora")).out).toBe("no\n");
  });

  test("nobody hands out more than he has", async () => {
    await kubectl("create", "role", "granter", "--verb=create", "--resource=roles,rolebindings");
    await kubectl("create", "rolebinding", "granter", "--role=granter", "--user=eve");
    const eve = await tool.api.kubeconfigFor("eve");
    const { err } = await tool.runAs(eve, "create", "role", "more", "--verb=get", "--resource=secrets");
    expect(err).toContain("is attempting to grant RBAC permissions not currently held");
  });

  test("a token of a service account is its account, until the account is gone", async () => {
    await kubectl("create", "serviceaccount", "robot");
    const token = (await kubectl("create", "token", "robot")).out.trim();
    const who = async (): Promise<Outcome> =>
      tool.runAs(
        await tool.api.bareKubeconfig(),
        "--token",
        token,
        "auth",
        "whoami",
        "-o",
        "jsonpath={.status.userInfo.username}",
      );
    expect((await who()).out).toBe("system:serviceaccount:default:robot");
    await kubectl("delete", "serviceaccount", "robot");
    expect((await who()).code).toBe(1);
  });

  test("whoever says nothing about himself sees health and nothing else", async () => {
    const nobody = httpsTransport(await readKubeconfig(await tool.api.bareKubeconfig()));
    try {
      expect(await nobody.call({ method: "GET", path: "/readyz" })).toMatchObject({
        status: 200,
        body: "ok",
      });
      for (const path of ["/api/v1/namespaces", "/version", "/metrics", "/readyz/store"])
        await expect(nobody.call({ method: "GET", path }), path).rejects.toMatchObject({
          code: 401,
          reason: "Unauthorized",
        });
    } finally {
      nobody.dispose();
    }
  });

  test("a node reads the secrets of its own pods only", async () => {
    const node = "system:node:one";
    const groups = ["--as-group=system:nodes", `--as=${node}`];
    await kubectl("create", "secret", "generic", "used", "--from-literal=a=b");
    await kubectl("create", "secret", "generic", "other", "--from-literal=a=b");
    const text = podText("on-one").replace(
      "spec:",
      "spec:\n  nodeName: one\n  volumes: [{name: s, secret: {secretName: used}}]",
    );
    await kubectl("apply", "-f", await manifest("on-one", text));
    expect((await kubectl("get", "secret", "used", ...groups)).code).toBe(0);
    expect((await kubectl("get", "secret", "other", ...groups)).code).toBe(1);
    const token = (...bound: string[]): Promise<Outcome> =>
      kubectl("create", "token", "default", ...groups, ...bound);
    const bound = ["--bound-object-kind=Pod", "--bound-object-name=on-one"];
    const uid = (await kubectl("get", "pod", "on-one", "-o", "jsonpath={.metadata.uid}")).out;
    expect((await token(...bound, `--bound-object-uid=${uid}`)).code).toBe(0);
    expect((await token()).err).toContain("not bound to a pod");
  });

  test("a node reads the logins of registries that plugins meant for it name, and who names one must be able to read it", async () => {
    for (const node of ["one", "two"])
      await kubectl("apply", "-f", await manifest(`node-${node}`, nodeText(node)));
    await kubectl("create", "secret", "generic", "acme", "--from-literal=.npmrc=x");
    await kubectl("create", "secret", "generic", "acme-2", "--from-literal=.npmrc=x");
    const npm = "npm: {package: x@1.0.0, pullSecret: {namespace: default, name: acme}}";
    const plugin = (name: string, source: string, more = ""): string =>
      `apiVersion: berth.dev/v1alpha1\nkind: Plugin\nmetadata: {name: ${name}}\n` +
      `spec: {contract: cni, digest: "sha256:${"0".repeat(64)}", source: {${source}}${more}}\n`;
    const file = await manifest("pulls", plugin("pulls", npm, ", nodeSelector: {name: one}"));
    const mayRead = async (node: string, ...what: string[]): Promise<boolean> =>
      (await kubectl("get", "secret", ...what, "--as-group=system:nodes", `--as=system:node:${node}`))
        .code === 0;
    expect(await mayRead("one", "acme")).toBe(false);
    expect((await kubectl("create", "-f", file)).code).toBe(0);
    expect([
      await mayRead("one", "acme"),
      await mayRead("two", "acme"),
      await mayRead("three", "acme"),
    ]).toEqual([true, false, false]);
    expect([
      await mayRead("one"),
      await mayRead("one", "acme-2"),
      await mayRead("one", "acme", "--watch"),
    ]).toEqual([false, false, false]);
    await kubectl("apply", "-f", await manifest("set", setText("other", "two", ["pulls"])));
    expect(await mayRead("one", "acme"), "a set on other nodes has it").toBe(false);
    await kubectl("delete", "pluginset", "other");

    const rights = "--verb=create,get,update,patch,install";
    await kubectl("create", "clusterrole", "installer", rights, "--resource=plugins.berth.dev");
    await kubectl("create", "clusterrolebinding", "installer", "--clusterrole=installer", "--user=gina");
    const gina = await tool.api.kubeconfigFor("gina");
    const own = await manifest("own", plugin("own", npm));
    expect((await tool.runAs(gina, "create", "-f", own)).err).toContain(
      'cannot get resource "secrets" in API group "" in the namespace "default"; who names a pullSecret must be able to read it',
    );
    const patch = ["patch", "plugin", "pulls", "--type=merge", "-p"];
    expect((await tool.runAs(gina, ...patch, '{"spec":{"disabled":true}}')).code).toBe(0);
    const other = '{"spec":{"source":{"npm":{"pullSecret":{"name":"acme-2"}}}}}';
    expect((await tool.runAs(gina, ...patch, other)).err).toContain('cannot get resource "secrets"');
    await kubectl("create", "role", "reads", "--verb=get", "--resource=secrets");
    await kubectl("create", "rolebinding", "reads", "--role=reads", "--user=gina");
    expect((await tool.runAs(gina, "create", "-f", own)).code).toBe(0);
  });

  test("a node has the taint of one that is not ready, and cannot take it away itself", async () => {
    const one = ["--as-group=system:nodes", "--as=system:node:fresh"];
    const file = await manifest("fresh", "apiVersion: v1\nkind: Node\nmetadata: {name: fresh}\n");
    expect((await kubectl("create", "-f", file, ...one)).out).toBe("node/fresh created\n");
    const taints = ["get", "node", "fresh", "-o", "jsonpath={.spec.taints}"];
    const closed = [{ effect: "NoSchedule", key: "node.kubernetes.io/not-ready" }];
    expect(JSON.parse((await kubectl(...taints)).out)).toEqual(closed);
    const { err } = await kubectl("taint", "node", "fresh", "node.kubernetes.io/not-ready-", ...one);
    expect(err).toContain('node "fresh" is not allowed to modify taints');
    // What it says of itself is no matter of taints.
    expect((await kubectl("label", "node", "fresh", "a=b", ...one)).err).toBe("");
  });

  test("a namespace that asks for restricted pods refuses others, saying everything they lack", async () => {
    await kubectl("create", "namespace", "strict");
    await kubectl("label", "namespace", "strict", "pod-security.kubernetes.io/enforce=restricted");
    await kubectl("create", "serviceaccount", "default", "-n", "strict");
    const file = await manifest("plain", podText("plain"));
    const { err } = await kubectl("apply", "-n", "strict", "-f", file);
    expect(err).toContain('violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false');
  });

  test("installing a plugin needs the verb install besides create", async () => {
    await kubectl("create", "clusterrole", "maker", "--verb=create,get", "--resource=plugins.berth.dev");
    await kubectl("create", "clusterrolebinding", "maker", "--clusterrole=maker", "--user=fred");
    const text = `
apiVersion: berth.dev/v1alpha1
kind: Plugin
metadata: {name: sneaky}
spec: {contract: cni, dev: true, source: {path: /opt/sneaky}}
`;
    const file = await manifest("plugin", text);
    const fred = await tool.api.kubeconfigFor("fred");
    expect((await tool.runAs(fred, "create", "-f", file)).err).toContain('cannot install resource "plugins"');
    expect((await kubectl("create", "-f", file)).code).toBe(0);
  });
});

const nodeText = (name: string): string =>
  `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: {name: ${name}}}\n`;

const setText = (name: string, node: string, plugins: readonly string[]): string =>
  `apiVersion: berth.dev/v1alpha1\nkind: PluginSet\nmetadata: {name: ${name}}\n` +
  `spec: {plugins: [${plugins.join(", ")}], nodeSelector: {name: ${node}}}\n`;

describe("asking what somebody may do", () => {
  const review = async (kind: string, spec: object, metadata: object = {}): Promise<Outcome> => {
    const object = { apiVersion: "authorization.k8s.io/v1", kind, metadata, spec };
    const file = await manifest("review", JSON.stringify(object));
    return kubectl("create", "-f", file, "-o", "jsonpath={.status.allowed}");
  };
  const local = "LocalSubjectAccessReview";
  const where = { namespace: "default" };

  test.each([
    ["SubjectAccessReview", { resourceAttributes: { verb: "get" } }, "spec.user: Invalid value"],
    ["SubjectAccessReview", { user: "a" }, "exactly one of nonResourceAttributes or resourceAttributes"],
    [local, { user: "a", nonResourceAttributes: { path: "/" } }, "disallowed on this kind of request"],
    [local, { user: "a", resourceAttributes: { namespace: "other" } }, "must match metadata.namespace"],
    ["SelfSubjectRulesReview", {}, "no namespace on request"],
  ])("%s %j is refused: %s", async (kind, spec, why) => {
    expect((await review(kind, spec, kind === local ? where : {})).err).toContain(why);
  });

  test("of a list takes what the list is confined to into account", async () => {
    const may = async (fieldSelector?: object): Promise<string> => {
      const resourceAttributes = {
        verb: "list",
        resource: "pods",
        ...(fieldSelector ? { fieldSelector } : {}),
      };
      const spec = { user: "system:node:one", groups: ["system:nodes"], resourceAttributes };
      return (await review("SubjectAccessReview", spec)).out;
    };
    const where = (operator: string, ...values: string[]) => ({
      requirements: [{ key: "spec.nodeName", operator, values }],
    });
    expect(await may()).toBe("false");
    expect(await may(where("In", "one"))).toBe("true");
    expect(await may({ rawSelector: "spec.nodeName=one" })).toBe("true");
    for (const other of [where("In", "two"), where("NotIn", "one"), where("In", "one", "two")])
      expect(await may(other), JSON.stringify(other)).toBe("false");
  });
});

/** Whom the server takes the caller for who sends these headers. */
async function reviewSelf(
  kubeconfig: string,
  headers: Record<string, string | string[]>,
): Promise<{ status: number; text: string }> {
  const { server, authority, certificate } = await readKubeconfig(kubeconfig);
  const asked = httpsRequest(`${server}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
    method: "POST",
    ca: authority,
    cert: certificate?.certificate,
    key: certificate?.key,
    headers: { ...headers, "content-type": "application/json" },
  });
  asked.end('{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}');
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, text: await readText(answer) };
}

describe("acting as somebody else", () => {
  const whoami = ["auth", "whoami", "-o", "jsonpath={.status.userInfo}"];
  const account = "system:serviceaccount:default:default";

  test.each([
    [["--as=bob"], ["system:authenticated"]],
    [
      ["--as=bob", "--as-group=a,b", "--as-group=c"],
      ["a,b", "c", "system:authenticated"],
    ],
    [
      [`--as=${account}`],
      ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
    ],
  ])("%j is in the groups %j", async (as, groups) => {
    expect(JSON.parse((await kubectl(...whoami, ...as)).out)).toMatchObject({ groups });
  });

  test.each([[["--as=system:anonymous"]], [["--as=bob", "--as-group=system:unauthenticated"]]])(
    "%j has shown nobody who he is, and may not even ask",
    async (as) => {
      expect((await kubectl(...whoami, ...as)).code).toBe(1);
      expect((await kubectl("get", "--raw", "/healthz", ...as)).out).toBe("ok");
    },
  );

  test("needs a right to each part of it, the groups of other accounts among them", async () => {
    await kubectl("create", "clusterrole", "plays", "--verb=impersonate", "--resource=serviceaccounts");
    await kubectl("create", "clusterrolebinding", "plays", "--clusterrole=plays", "--user=pat");
    const pat = await tool.api.kubeconfigFor("pat");
    const plays = (...as: string[]): Promise<Outcome> => tool.runAs(pat, "get", "--raw", "/version", ...as);
    expect((await plays(`--as=${account}`)).code).toBe(0);
    const refused: [string[], string][] = [
      [["--as=bob"], 'users "bob"'],
      [[`--as=${account}`, "--as-group=system:serviceaccounts:kube-system"], "groups"],
      [[`--as=${account}`, "--as-group=system:masters"], 'groups "system:masters"'],
      [[`--as=${account}`, "--as-uid=1"], "uids.authentication.k8s.io"],
    ];
    for (const [as, what] of refused) {
      const { err } = await plays(...as);
      expect(err).toContain(what);
      expect(err).toContain('User "pat" cannot impersonate resource');
    }
  });

  test("takes every value of what else is said of him, and wants a user", async () => {
    const ask = (headers: Record<string, string | string[]>) => reviewSelf(tool.api.kubeconfig, headers);
    const { text } = await ask({ "impersonate-user": "bob", "impersonate-extra-Sc%6fpes": ["a", "b, c"] });
    expect(JSON.parse(text)).toMatchObject({ status: { userInfo: { extra: { scopes: ["a", "b, c"] } } } });
    const odd = await ask({ "impersonate-user": "bob", "impersonate-extra-%zz": "a" });
    expect(JSON.parse(odd.text)).toMatchObject({ status: { userInfo: { extra: { "%zz": ["a"] } } } });
    for (const header of ["impersonate-uid", "impersonate-group", "impersonate-extra-a"])
      expect(await ask({ [header]: "1" })).toMatchObject({ status: 400 });
  });
});
