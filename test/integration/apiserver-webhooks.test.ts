import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { silentLogger } from "@berth/base";
import { clientOf, httpsTransport, readKubeconfig, resources } from "../../core/client/index.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { freePorts } from "../support/free-ports.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";
import { startWebhookServer, type WebhookServer } from "../support/webhook-server.ts";

let tool: Kubectl;
let hooks: WebhookServer;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

beforeAll(async () => {
  tool = await startKubectl();
  hooks = await startWebhookServer(tool.api.pki);
});

afterAll(async () => {
  await hooks.dispose();
  await tool.dispose();
});

afterEach(async () => {
  const all = "validatingwebhookconfigurations,mutatingwebhookconfigurations,configmaps";
  await kubectl("delete", all, "--all", "--wait=false");
  hooks.asked.length = 0;
});

interface HookOptions {
  readonly name: string;
  readonly path?: string;
  /** Instead of the server's address. */
  readonly client?: string;
  readonly more?: string;
  readonly resources?: string;
}

async function configure(kind: "Validating" | "Mutating", ...list: HookOptions[]): Promise<void> {
  const entries = list.map(
    ({ name, path = "/", client, more = "", resources = "configmaps" }) => `
- name: ${name}
  clientConfig: ${client ?? `{url: "${hooks.url(path)}", caBundle: ${hooks.caBundle}}`}
  rules: [{operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["${resources}"]}]
  sideEffects: None
  admissionReviewVersions: [v1]
${more}`,
  );
  const text = `apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: ${kind.toLowerCase()}}
webhooks:${entries.join("")}`;
  const { code, err } = await kubectl("apply", "-f", await tool.manifest(kind, text));
  expect(err).toBe("");
  expect(code).toBe(0);
}

const create = (name: string, ...more: string[]): Promise<Outcome> =>
  kubectl("create", "configmap", name, "--from-literal=a=1", ...more);

describe("validating webhooks", () => {
  test("refuse in their own words; other objects are not asked about", async () => {
    hooks.answer("/deny", ({ name }) => ({
      allowed: name !== "bad",
      status: { message: "no bad names here", reason: "Forbidden", code: 403 },
    }));
    await configure("Validating", { name: "deny.example.com", path: "/deny" });
    const { code, err } = await create("bad");
    expect(code).toBe(1);
    expect(err).toContain('admission webhook "deny.example.com" denied the request: no bad names here');
    expect((await create("good")).code).toBe(0);
    expect((await kubectl("create", "secret", "generic", "bad")).code).toBe(0);
    const [review] = hooks.asked;
    expect(review?.request).toMatchObject({
      operation: "CREATE",
      name: "bad",
      namespace: "default",
      dryRun: false,
      kind: { group: "", version: "v1", kind: "ConfigMap" },
      userInfo: { username: "admin" },
      object: { kind: "ConfigMap", data: { a: "1" } },
      oldObject: null,
      options: { kind: "CreateOptions", fieldManager: "kubectl-create" },
    });
    await kubectl("delete", "configmap", "good");
    expect(hooks.asked.at(-1)?.request).toMatchObject({
      operation: "DELETE",
      object: null,
      oldObject: { metadata: { name: "good" } },
    });
  });

  test("cannot say more than a header holds", async () => {
    const warnings = Array.from({ length: 5000 }, (_, at) => `warning ${at} ${"x".repeat(200)}`);
    hooks.answer("/talk", () => ({ allowed: true, warnings }));
    await configure("Validating", { name: "talk.example.com", path: "/talk" });
    const { code, err } = await create("talked");
    expect(code).toBe(0);
    expect(err).toContain("Warning: warning 0");
    expect(err.length).toBeLessThan(5000);
  });

  test("say something without refusing", async () => {
    hooks.answer("/warn", () => ({ allowed: true, warnings: ["old-fashioned"] }));
    await configure("Validating", { name: "warn.example.com", path: "/warn" });
    const { code, err } = await create("warned");
    expect(code).toBe(0);
    expect(err).toBe("Warning: old-fashioned\n");
  });

  test("that are down fail closed or open, as they say", async () => {
    const [port] = await freePorts(1);
    const client = `{url: "https://127.0.0.1:${port}/x"}`;
    await configure("Validating", { name: "down.example.com", client });
    const { code, err } = await create("closed");
    expect(code).toBe(1);
    expect(err).toContain(
      `Internal error occurred: failed calling webhook "down.example.com": failed to call webhook: Post "https://127.0.0.1:${port}/x?timeout=10s": dial tcp 127.0.0.1:${port}: connect: connection refused\n`,
    );
    await configure("Validating", { name: "down.example.com", client, more: "  failurePolicy: Ignore" });
    expect((await create("open")).code).toBe(0);
  });

  test("that hang cost their timeout, all at once, and nothing else waits", async () => {
    hooks.answer("/hang", () => "hang");
    const more = "  timeoutSeconds: 1";
    await configure(
      "Validating",
      { name: "one.example.com", path: "/hang", more },
      { name: "two.example.com", path: "/hang", more },
    );
    const waiting = create("slow");
    expect((await kubectl("create", "secret", "generic", "meanwhile")).code).toBe(0);
    const { err } = await waiting;
    expect(err).toMatch(/failed calling webhook "one.example.com": .*context deadline exceeded$/m);
    expect(hooks.asked.map(({ path }) => path)).toEqual(["/hang", "/hang"]);
  });

  test("each have their own timeout", async () => {
    hooks.answer("/hang", () => "hang");
    const only = (name: string, seconds: number): string =>
      `  timeoutSeconds: ${seconds}\n  matchConditions: [{name: one, expression: "request.name == '${name}'"}]`;
    await configure(
      "Validating",
      { name: "long.example.com", path: "/hang", more: only("long", 4) },
      { name: "short.example.com", path: "/hang", more: only("short", 1) },
    );
    const ended: string[] = [];
    const end = async (name: string): Promise<void> => {
      expect((await create(name)).err).toContain(`"${name}.example.com"`);
      ended.push(name);
    };
    await Promise.all([end("long"), end("short")]);
    expect(ended).toEqual(["short", "long"]);
  });

  test("that nobody waits for any longer are no mistake of theirs, nor of the server", async () => {
    const errors: string[] = [];
    const error = (message: string): void => void errors.push(message);
    const logger: typeof silentLogger = { ...silentLogger, error, with: () => logger };
    const api = await startTestApiServer({ logger });
    try {
      const admin = await api.client("https");
      hooks.answer("/hang", () => "hang");
      const clientConfig = { url: hooks.url("/hang"), caBundle: hooks.caBundle };
      const rules = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["configmaps"] }];
      const hook = { name: "a.example.com", clientConfig, rules, timeoutSeconds: 9 };
      const transport = httpsTransport(await readKubeconfig(api.kubeconfig));
      const post = (path: string, body: object) => transport.call({ method: "POST", path, body });
      await post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name: "x" },
        webhooks: [{ ...hook, sideEffects: "None", admissionReviewVersions: ["v1"] }],
      });
      const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
      const asked = post("/api/v1/namespaces/default/configmaps?timeout=300ms", map);
      await expect(asked).rejects.toMatchObject({ code: 504, reason: "Timeout" });
      await expect.poll(() => hooks.asked.length).toBe(1);
      expect(await clientOf(admin, resources.configMaps).list({ namespace: "default" })).toMatchObject({
        items: [],
      });
      transport.dispose();
    } finally {
      await api.dispose();
    }
    expect(errors).toEqual([]);
  });

  test("whose certificate is somebody else's are not believed", async () => {
    await configure("Validating", { name: "tls.example.com", client: `{url: "${hooks.url("/")}"}` });
    expect((await create("untrusted")).err).toMatch(
      /tls: failed to verify certificate: x509: certificate signed by unknown authority$/m,
    );
  });

  test.each([
    ["nothing that is JSON", "<html>", "is not JSON"],
    [
      "another document",
      '{"kind":"Status"}',
      "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview",
    ],
    [
      "an answer to something else",
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"x","allowed":true}}',
      "expected response.uid=",
    ],
    [
      "no answer",
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
      "webhook response was absent",
    ],
    ["more than anybody reads", `"${"x".repeat(4 * 1024 * 1024)}"`, "more than 3145728 bytes"],
  ])("that answer %s have failed", async (_, answer, why) => {
    hooks.answer("/odd", () => answer);
    await configure("Validating", { name: "odd.example.com", path: "/odd" });
    const { err } = await create("odd");
    expect(err).toContain('failed calling webhook "odd.example.com"');
    expect(err).toContain(why);
  });

  test("are chosen by selectors and match conditions", async () => {
    hooks.answer("/no", () => ({ allowed: false }));
    await configure("Validating", {
      name: "some.example.com",
      path: "/no",
      more: `  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}
  objectSelector: {matchExpressions: [{key: free, operator: DoesNotExist}]}
  matchConditions:
  - {name: not-mine, expression: "!request.name.startsWith('mine-')"}
  - {name: writes, expression: "request.operation != 'DELETE'"}`,
    });
    expect((await create("caught")).err).toContain(
      'admission webhook "some.example.com" denied the request without explanation',
    );
    expect((await create("mine-1")).code).toBe(0);
    expect((await create("other", "-n", "kube-public")).code).toBe(0);
    expect(hooks.asked).toHaveLength(1);
  });

  test("with a match condition that is no expression are refused when written", async () => {
    const text = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: broken}
webhooks:
- name: a.example.com
  clientConfig: {url: "https://127.0.0.1/"}
  sideEffects: None
  admissionReviewVersions: [v1]
  matchConditions: [{name: c, expression: "object.x >"}]`;
    const { err } = await kubectl("apply", "-f", await tool.manifest("broken", text));
    expect(err).toContain("webhooks[0].matchConditions[0].expression: Invalid value");
    expect(err).toContain("compilation failed: ERROR: <input>:1:11: Syntax error");
  });

  test("never stand in the way of their own configuration", async () => {
    hooks.answer("/no", () => ({ allowed: false }));
    await configure("Validating", { name: "all.example.com", path: "/no", resources: "*" });
    expect((await create("x")).code).toBe(1);
    expect((await kubectl("delete", "validatingwebhookconfiguration", "validating")).code).toBe(0);
    expect((await create("x")).code).toBe(0);
  });

  test("are told of a rehearsal, which those with side effects cannot be asked about", async () => {
    await configure("Validating", { name: "effect.example.com" });
    expect((await create("rehearsed", "--dry-run=server")).code).toBe(0);
    expect(hooks.asked.at(-1)?.request.dryRun).toBe(true);
    const change = '[{"op":"replace","path":"/webhooks/0/sideEffects","value":"Some"}]';
    const target = ["validatingwebhookconfiguration", "validating"];
    const { err } = await kubectl("patch", ...target, "--type=json", `-p=${change}`);
    expect(err).toContain('webhooks[0].sideEffects: Unsupported value: "Some"');
  });

  test("are found behind a Service", async ({ skip }) => {
    if (hooks.address === undefined) skip("this machine has no address besides the loopback one");
    const text = `apiVersion: v1
kind: Service
metadata: {name: hook}
spec: {ports: [{name: https, port: 443}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: hook-1, labels: {kubernetes.io/service-name: hook}}
addressType: IPv4
endpoints: [{addresses: [${hooks.address}], conditions: {ready: true}}]
ports: [{name: https, port: ${hooks.port}}]`;
    expect((await kubectl("apply", "-f", await tool.manifest("service", text))).err).toBe("");
    hooks.answer("/svc", () => ({ allowed: false, status: { message: "by service" } }));
    const client = `{service: {namespace: default, name: hook, path: /svc}, caBundle: ${hooks.caBundle}}`;
    await configure("Validating", { name: "svc.example.com", client });
    expect((await create("served")).err).toContain("denied the request: by service");
    hooks.answer("/svc", () => "nothing");
    expect((await create("served")).err).toContain('Post "https://hook.default.svc:443/svc?timeout=10s": ');
    await kubectl("delete", "endpointslice", "hook-1");
    expect((await create("served")).err).toContain('no endpoints available for service "hook"');
    await kubectl("delete", "service", "hook");
    expect((await create("served")).err).toContain('service "hook" not found');
  });
});

describe("mutating webhooks", () => {
  const label = (key: string, value: string): object => ({
    op: "add",
    path: `/metadata/labels/${key}`,
    value,
  });
  const labels = { op: "add", path: "/metadata/labels", value: {} };

  test("inject what a pod has not asked for", async () => {
    await kubectl("create", "serviceaccount", "default");
    const sidecar = { name: "sidecar", image: "busybox" };
    hooks.answer("/inject", () => ({
      allowed: true,
      patch: [{ op: "add", path: "/spec/containers/-", value: sidecar }],
    }));
    await configure("Mutating", { name: "inject.example.com", path: "/inject", resources: "pods" });
    await kubectl("run", "web", "--image=busybox");
    const { out } = await kubectl("get", "pod", "web", "-o", "jsonpath={.spec.containers[*].name}");
    expect(out).toBe("web sidecar");
    const policy = await kubectl("get", "pod", "web", "-o", "jsonpath={.spec.containers[1].imagePullPolicy}");
    expect(policy.out).toBe("Always");
  });

  test("see each other's work, and once more what changed after them when they want", async () => {
    hooks.answer("/first", ({ object }) => ({
      allowed: true,
      patch: object?.metadata.labels?.["second"] === "1" ? [label("saw", "it")] : [],
    }));
    hooks.answer("/second", () => ({ allowed: true, patch: [labels, label("second", "1")] }));
    const more = "  reinvocationPolicy: IfNeeded";
    await configure(
      "Mutating",
      { name: "first.example.com", path: "/first", more },
      { name: "second.example.com", path: "/second" },
    );
    expect((await create("both")).code).toBe(0);
    const { out } = await kubectl("get", "configmap", "both", "-o", "jsonpath={.metadata.labels}");
    expect(JSON.parse(out)).toEqual({ saw: "it", second: "1" });
    expect(hooks.asked.map(({ path }) => path)).toEqual(["/first", "/second", "/first"]);
  });

  test("cannot change who an object is, and a patch that does not apply is said so", async () => {
    hooks.answer("/wrong", () => ({ allowed: true, patch: [{ op: "remove", path: "/data/none" }] }));
    await configure("Mutating", { name: "wrong.example.com", path: "/wrong" });
    const { err } = await create("wrong");
    expect(err).toContain('failed to apply the patch of webhook "wrong.example.com"');
    for (const [path, value, why] of [
      ["/data", 5, 'failed to apply the patch of webhook "wrong.example.com"'],
      ["/metadata/namespace", "kube-system", "a mutation may not change metadata.namespace"],
      ["/metadata/name", "other", "a mutation may not change metadata.name"],
      ["/kind", "Secret", "failed to apply the patch"],
    ]) {
      hooks.answer("/wrong", () => ({ allowed: true, patch: [{ op: "add", path, value }] }));
      expect((await create("wrong")).err).toContain(why);
    }
  });
});
