import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { httpsTransport, readKubeconfig } from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

const run = promisify(execFile);

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let api: TestApiServer;
let folder: string;

async function kubectlWith(kubeconfig: string, ...args: string[]): Promise<Outcome> {
  try {
    const running = run("kubectl", args, {
      env: { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, "cache") },
    });
    // Without credentials kubectl would ask for a name and wait.
    running.child.stdin?.end();
    const { stdout, stderr } = await running;
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const kubectl = (...args: string[]): Promise<Outcome> => kubectlWith(api.kubeconfig, ...args);

async function manifest(name: string, text: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, text);
  return file;
}

const podText = (name: string, more = ""): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  containers:
  - {name: main, image: busybox, command: [sleep, "1000"]${more}}
`;

beforeAll(async () => {
  api = await startTestApiServer();
  folder = await mkdtemp(join(tmpdir(), "berth-kubectl-"));
  await kubectl("create", "serviceaccount", "default");
});

afterAll(async () => {
  await api.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe("real kubectl", () => {
  test("lists namespaces as a table", async () => {
    const { out } = await kubectl("get", "namespaces");
    expect(out.split("\n")[0]).toMatch(/^NAME\s+STATUS\s+AGE$/);
    expect(out).toMatch(/^default\s+Active\s/m);
  });

  test("knows every kind, its short names and its group", async () => {
    const { out } = await kubectl("api-resources", "--no-headers");
    expect(out).toMatch(/^pods\s+po\s+v1\s+true\s+Pod$/m);
    expect(out).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m);
    expect(out).toMatch(/^plugininstances\s.*berth\.dev\/v1alpha1\s+false\s+PluginInstance$/m);
  });

  test("apply creates, sees that nothing changed, and changes what did", async () => {
    const file = await manifest("applied", podText("applied"));
    expect((await kubectl("apply", "-f", file)).out).toBe("pod/applied created\n");
    expect((await kubectl("apply", "-f", file)).out).toBe("pod/applied unchanged\n");
    await manifest("applied", podText("applied").replace("busybox", "busybox:2"));
    expect((await kubectl("apply", "-f", file)).out).toBe("pod/applied configured\n");
    const image = await kubectl("get", "pod", "applied", "-o", "jsonpath={.spec.containers[0].image}");
    expect(image.out).toBe("busybox:2");
  });

  test("apply of an object with one misspelt field is refused naming that field", async () => {
    const file = await manifest("misspelt", podText("misspelt", ", imagePullPolice: Never"));
    const { code, err } = await kubectl("apply", "-f", file);
    expect(code).toBe(1);
    expect(err).toContain('unknown field "spec.containers[0].imagePullPolice"');
    expect((await kubectl("get", "pod", "misspelt")).err).toContain('pods "misspelt" not found');
  });

  test("an invalid field is refused with its path", async () => {
    const file = await manifest("invalid", podText("Invalid_Name"));
    const { err } = await kubectl("apply", "-f", file);
    expect(err).toContain('The Pod "Invalid_Name" is invalid: metadata.name: Invalid value: "Invalid_Name"');
  });

  test("diff shows what would change and exits 1", async () => {
    const file = await manifest(
      "diffed",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: diffed}\ndata: {a: '1'}\n",
    );
    await kubectl("apply", "-f", file);
    await manifest("diffed", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: diffed}\ndata: {a: '2'}\n");
    const { code, out } = await kubectl("diff", "-f", file);
    expect(code).toBe(1);
    expect(out).toContain('+  a: "2"');
  });

  test("creates in protobuf what it creates by verb", async () => {
    expect((await kubectl("create", "deployment", "web", "--image=busybox", "--replicas=2")).code).toBe(0);
    expect((await kubectl("get", "deployment", "web", "--no-headers")).out).toMatch(/^web\s+0\/2\s/);
    expect((await kubectl("scale", "deployment", "web", "--replicas=5")).out).toContain("scaled");
    const replicas = await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}");
    expect(replicas.out).toBe("5");
    expect((await kubectl("expose", "deployment", "web", "--port=80")).code).toBe(0);
    expect((await kubectl("get", "service", "web", "--no-headers")).out).toMatch(/ClusterIP\s+10\.96\./);
  });

  test("explain describes a field with its type", async () => {
    const { out } = await kubectl("explain", "pod.spec.containers.image");
    expect(out).toMatch(/FIELD: image <string>/);
  });

  test("get -w shows changes as they happen", async () => {
    // A list, because kubectl drops the first event of a watch on one named object.
    const only = "--field-selector=metadata.name=watched";
    const child = spawn("kubectl", ["get", "configmaps", only, "-w", "--no-headers"], {
      env: { ...process.env, KUBECONFIG: api.kubeconfig, KUBECACHEDIR: join(folder, "cache") },
      stdio: ["ignore", "pipe", "ignore"],
    });
    await kubectl("create", "configmap", "watched");
    const seen: string[] = [];
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        seen.push(line.trim().split(/\s+/).slice(0, 2).join(" "));
        if (seen.length === 1) await kubectl("patch", "configmap", "watched", "-p", '{"data":{"a":"1"}}');
        if (seen.length === 2) break;
      }
    } finally {
      child.kill();
    }
    expect(seen.at(-1)).toBe("watched 1");
  });

  test("wait ends with a condition and with a deletion", async () => {
    await kubectl("apply", "-f", await manifest("waited", podText("waited")));
    const ready = kubectl("wait", "--for=jsonpath={.status.phase}=Running", "pod/waited", "--timeout=60s");
    const patch = '{"status":{"phase":"Running"}}';
    await kubectl("patch", "pod", "waited", "--subresource=status", "--type=merge", "-p", patch);
    expect((await ready).out).toContain("condition met");
    const gone = kubectl("wait", "--for=delete", "pod/waited", "--timeout=60s");
    await kubectl("delete", "pod", "waited", "--wait=false");
    expect((await gone).code).toBe(0);
  });

  test("describe puts a pod and its events together", async () => {
    await kubectl("apply", "-f", await manifest("told", podText("told")));
    const uid = (await kubectl("get", "pod", "told", "-o", "jsonpath={.metadata.uid}")).out;
    const event = `
apiVersion: v1
kind: Event
metadata: {name: told.1}
involvedObject: {kind: Pod, name: told, namespace: default, uid: ${uid}}
reason: Tested
message: something was said about it
type: Normal
source: {component: test}
`;
    await kubectl("create", "-f", await manifest("event", event));
    const { out } = await kubectl("describe", "pod", "told");
    expect(out).toMatch(/Normal\s+Tested\s.*test\s+something was said about it/);
  });

  test("an event is one object in both its groups, whichever it was written through", async () => {
    const event = `
apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: both.1}
regarding: {kind: Pod, name: both, namespace: default}
reason: Seen
note: from the newer group
type: Normal
action: Looking
reportingController: test
reportingInstance: test-1
eventTime: "2026-01-01T00:00:00.000000Z"
`;
    expect((await kubectl("create", "-f", await manifest("both", event))).err).toBe("");
    const old = await kubectl(
      "get",
      "events.v1.",
      "both.1",
      "-o",
      "jsonpath={.involvedObject.name} {.message}",
    );
    expect(old.out).toBe("both from the newer group");
    const newer = await kubectl(
      "get",
      "events.v1.events.k8s.io",
      "both.1",
      "-o",
      "jsonpath={.regarding.name} {.note}",
    );
    expect(newer.out).toBe("both from the newer group");
    const selected = await kubectl(
      "get",
      "events.v1.events.k8s.io",
      "--field-selector=regarding.name=both",
      "-o",
      "name",
    );
    expect(selected.out).toBe("event.events.k8s.io/both.1\n");
  });

  test("a list in chunks is complete", async () => {
    for (const name of ["c1", "c2", "c3"]) await kubectl("create", "configmap", name);
    const { out } = await kubectl("get", "configmaps", "--chunk-size=1", "-o", "name");
    for (const name of ["c1", "c2", "c3"]) expect(out).toContain(`configmap/${name}\n`);
  });
});

describe("server-side apply", () => {
  const text = (more: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned}\ndata: {${more}}\n`;
  const data = async (): Promise<unknown> =>
    JSON.parse((await kubectl("get", "configmap", "owned", "-o", "jsonpath={.data}")).out);

  async function apply(manager: string, more: string, ...args: string[]): Promise<Outcome> {
    const file = await manifest("owned", text(more));
    return kubectl("apply", "--server-side", `--field-manager=${manager}`, "-f", file, ...args);
  }

  test("makes an object, and writers of different fields do not disturb each other", async () => {
    expect((await apply("a", "x: '1', w: '1'")).out).toBe("configmap/owned serverside-applied\n");
    expect((await apply("b", "z: '1'")).code).toBe(0);
    expect(await data()).toEqual({ x: "1", w: "1", z: "1" });
    expect((await apply("a", "x: '1'")).code).toBe(0);
    expect(await data()).toEqual({ x: "1", z: "1" });
  });

  test("names the owner of a field that is claimed with another value, and yields to force", async () => {
    const refused = await apply("b", "x: '2'");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('conflict with "a" using v1: .data.x');
    expect((await apply("b", "x: '2'", "--force-conflicts")).code).toBe(0);
    expect(await data()).toEqual({ x: "2" });
  });

  test("twice the same makes no new revision", async () => {
    const revision = ["get", "configmap", "owned", "-o", "jsonpath={.metadata.resourceVersion}"];
    const before = (await kubectl(...revision)).out;
    await apply("b", "x: '2'");
    expect((await kubectl(...revision)).out).toBe(before);
  });

  test("shows who owns what", async () => {
    const { out } = await kubectl("get", "configmap", "owned", "--show-managed-fields", "-o", "json");
    const { metadata } = JSON.parse(out) as {
      metadata: { managedFields: { manager: string; fieldsV1: object }[] };
    };
    expect(metadata.managedFields.map((one) => [one.manager, one.fieldsV1])).toEqual([
      ["b", { "f:data": { "f:x": {} } }],
    ]);
  });
});

describe("who may do what", () => {
  test("a user without any role may look at himself and at nothing else", async () => {
    const bob = await api.kubeconfigFor("bob");
    const { code, err } = await kubectlWith(bob, "get", "pods");
    expect(code).toBe(1);
    expect(err).toContain(
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect((await kubectlWith(bob, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")).out).toBe(
      "bob",
    );
  });

  test("a role binding gives a user what the role says, and no more", async () => {
    await kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods");
    await kubectl("create", "rolebinding", "reader", "--role=reader", "--user=carol");
    const carol = await api.kubeconfigFor("carol");
    expect((await kubectlWith(carol, "get", "pods")).code).toBe(0);
    expect((await kubectlWith(carol, "auth", "can-i", "delete", "pods")).out).toBe("no\n");
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
    const eve = await api.kubeconfigFor("eve");
    const { err } = await kubectlWith(eve, "create", "role", "more", "--verb=get", "--resource=secrets");
    expect(err).toContain("is attempting to grant RBAC permissions not currently held");
  });

  test("a token of a service account is its account, until the account is gone", async () => {
    await kubectl("create", "serviceaccount", "robot");
    const token = (await kubectl("create", "token", "robot")).out.trim();
    const who = async (): Promise<Outcome> =>
      kubectlWith(
        await api.bareKubeconfig(),
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
    const nobody = httpsTransport(await readKubeconfig(await api.bareKubeconfig()));
    try {
      expect(await nobody.call({ method: "GET", path: "/readyz" })).toMatchObject({
        status: 200,
        body: "ok",
      });
      const asked = nobody.call({ method: "GET", path: "/api/v1/namespaces" });
      await expect(asked).rejects.toMatchObject({ code: 401, reason: "Unauthorized" });
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
    const fred = await api.kubeconfigFor("fred");
    expect((await kubectlWith(fred, "create", "-f", file)).err).toContain(
      'cannot install resource "plugins"',
    );
    expect((await kubectl("create", "-f", file)).code).toBe(0);
  });
});
