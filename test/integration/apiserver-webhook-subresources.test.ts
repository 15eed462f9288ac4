import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";
import { type Saying, startWebhookServer, type WebhookServer } from "../support/webhook-server.ts";

let tool: Kubectl;
let hooks: WebhookServer;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

beforeAll(async () => {
  tool = await startKubectl();
  hooks = await startWebhookServer(tool.api.pki);
  await kubectl("create", "serviceaccount", "default");
});

afterAll(async () => {
  await hooks.dispose();
  await tool.dispose();
});

beforeEach(() => hooks.answer("/", () => ({ allowed: true })));

afterEach(async () => {
  const all = "validatingwebhookconfigurations,mutatingwebhookconfigurations,validatingadmissionpolicies";
  await kubectl("delete", all, "--all", "--wait=false");
  hooks.asked.length = 0;
});

async function good(...args: string[]): Promise<string> {
  const { code, out, err } = await kubectl(...args);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return out;
}

async function apply(name: string, text: string): Promise<void> {
  await good("apply", "-f", await tool.manifest(name, text));
}

async function configure(kind: "Validating" | "Mutating", resource: string, more = ""): Promise<void> {
  const [group = "", version = "*", resources = ""] = resource.split(" ");
  await apply(
    kind,
    `apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: ${kind.toLowerCase()}}
webhooks:
- name: all.example.com
  clientConfig: {url: "${hooks.url("/")}", caBundle: ${hooks.caBundle}}
  rules: [{operations: ["*"], apiGroups: ["${group}"], apiVersions: ["${version}"], resources: ["${resources}"]}]
  sideEffects: None
  admissionReviewVersions: [v1]
${more}`,
  );
}

const patch = (...operations: object[]): Saying => ({ allowed: true, patch: operations });

const pod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: c, image: "x:1"}]}\n`;
const pods = { group: "", version: "v1", resource: "pods" };

test("scale is shown as a Scale, before and after, and what a webhook makes of it counts", async () => {
  await good("create", "deployment", "web", "--image=x:1");
  await configure("Mutating", "apps v1 deployments/scale");
  hooks.answer("/", () => patch({ op: "replace", path: "/spec/replicas", value: 4 }));
  await good("scale", "deployment/web", "--replicas=3");
  const kind = { group: "autoscaling", version: "v1", kind: "Scale" };
  const resource = { group: "apps", version: "v1", resource: "deployments" };
  expect(hooks.asked.map(({ request }) => request)).toEqual([
    expect.objectContaining({
      kind,
      resource,
      subResource: "scale",
      requestKind: kind,
      requestResource: resource,
      requestSubResource: "scale",
      operation: "UPDATE",
      name: "web",
      object: expect.objectContaining({ kind: "Scale", spec: { replicas: 3 } }) as object,
      oldObject: expect.objectContaining({ kind: "Scale", spec: { replicas: 1 } }) as object,
    }),
  ]);
  expect(await good("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}")).toBe("4");
});

test("policies see a Scale too", async () => {
  await apply(
    "policy",
    `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few}
spec:
  matchConstraints:
    resourceRules: [{operations: [UPDATE], apiGroups: [apps], apiVersions: [v1], resources: [deployments/scale]}]
  validations:
  - {expression: "request.kind.kind == 'Scale' && object.spec.replicas <= 5", message: at most five}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: few}
spec: {policyName: few, validationActions: [Deny]}
`,
  );
  await expect
    .poll(async () => (await kubectl("scale", "deployment/web", "--replicas=6")).err, { timeout: 60_000 })
    .toContain("at most five");
  await good("scale", "deployment/web", "--replicas=5");
});

test("a binding is a Binding that is made, an eviction an Eviction and no deletion", async () => {
  await apply("pod", pod("bound"));
  await configure("Validating", " v1 pods/*");
  const binding = { apiVersion: "v1", kind: "Binding", metadata: { name: "bound" }, target: { name: "n1" } };
  const file = await tool.manifest("binding", JSON.stringify(binding));
  await good("create", "--raw", "/api/v1/namespaces/default/pods/bound/binding", "-f", file);
  expect(hooks.asked[0]?.request).toMatchObject({
    kind: { group: "", version: "v1", kind: "Binding" },
    resource: pods,
    subResource: "binding",
    operation: "CREATE",
    name: "bound",
    object: { kind: "Binding", target: { name: "n1" } },
    oldObject: null,
  });
  hooks.asked.length = 0;
  await configure("Validating", ' v1 pods","pods/*');
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "bound" } };
  const evict = async (): Promise<Outcome> =>
    kubectl(
      "create",
      "--raw",
      "/api/v1/namespaces/default/pods/bound/eviction",
      "-f",
      await tool.manifest("eviction", JSON.stringify(eviction)),
    );
  hooks.answer("/", () => ({ allowed: false, status: { message: "stays" } }));
  expect((await evict()).err).toContain('admission webhook "all.example.com" denied the request: stays');
  hooks.answer("/", () => ({ allowed: true }));
  expect((await evict()).code).toBe(0);
  expect(hooks.asked.map(({ request }) => [request["operation"], request["subResource"]])).toEqual([
    ["CREATE", "eviction"],
    ["CREATE", "eviction"],
  ]);
  expect(hooks.asked[0]?.request).toMatchObject({
    kind: { group: "policy", version: "v1", kind: "Eviction" },
    resource: pods,
    object: { kind: "Eviction" },
    oldObject: null,
  });
});

test("a request for a token is a TokenRequest, which a webhook may change", async () => {
  await configure("Mutating", " v1 serviceaccounts/token");
  hooks.answer("/", () => patch({ op: "replace", path: "/spec/audiences", value: ["elsewhere"] }));
  const token = await good("create", "token", "default", "--audience=here");
  expect(hooks.asked[0]?.request).toMatchObject({
    kind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
    resource: { group: "", version: "v1", resource: "serviceaccounts" },
    subResource: "token",
    operation: "CREATE",
    name: "default",
    object: { kind: "TokenRequest", spec: { audiences: ["here"] } },
  });
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { aud: string[] };
  expect(claims.aud).toEqual(["elsewhere"]);
});

test("exec, attach and port-forward are connections with their options", async () => {
  await apply("pod", pod("shell"));
  await good(
    "patch",
    "pod",
    "shell",
    "--subresource=status",
    "--type=merge",
    "-p",
    '{"status":{"phase":"Running","containerStatuses":[{"name":"c","image":"x","imageID":"","ready":true,"restartCount":0,"state":{"running":{}}}]}}',
  );
  await configure("Validating", " v1 pods/*");
  hooks.answer("/", () => ({ allowed: false, status: { message: "no shells" } }));
  const { err } = await kubectl("exec", "shell", "-c", "c", "--", "sh", "-c", "id");
  expect(err).toContain("no shells");
  await kubectl("port-forward", "pod/shell", "18080:80");
  const asked = hooks.asked.map(({ request }) => request);
  expect(asked[0]).toMatchObject({
    kind: { group: "", version: "v1", kind: "PodExecOptions" },
    resource: pods,
    subResource: "exec",
    operation: "CONNECT",
    name: "shell",
    namespace: "default",
    object: { kind: "PodExecOptions", apiVersion: "v1", container: "c", command: ["sh", "-c", "id"] },
    oldObject: null,
  });
  expect(asked.find(({ subResource }) => subResource === "portforward")).toMatchObject({
    kind: { group: "", version: "v1", kind: "PodPortForwardOptions" },
    operation: "CONNECT",
  });
});

test("with matchPolicy Equivalent a rule about one version sees objects of another in its own", async () => {
  const autoscaler = (version: string): string =>
    `apiVersion: autoscaling/${version}
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
${version === "v1" ? "  targetCPUUtilizationPercentage: 50" : "  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]"}
`;
  await configure("Mutating", "autoscaling v1 horizontalpodautoscalers");
  hooks.answer("/", ({ operation }) =>
    operation === "CREATE"
      ? patch({ op: "replace", path: "/spec/targetCPUUtilizationPercentage", value: 70 })
      : { allowed: true },
  );
  await apply("hpa", autoscaler("v2"));
  const resource = { group: "autoscaling", resource: "horizontalpodautoscalers" };
  expect(hooks.asked[0]?.request).toMatchObject({
    kind: { group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler" },
    resource: { ...resource, version: "v1" },
    requestKind: { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" },
    requestResource: { ...resource, version: "v2" },
    object: { apiVersion: "autoscaling/v1", spec: { targetCPUUtilizationPercentage: 50 } },
  });
  const utilization = "jsonpath={.spec.metrics[0].resource.target.averageUtilization}";
  expect(await good("get", "hpa.v2.autoscaling", "web", "-o", utilization)).toBe("70");
  await good("delete", "hpa", "web");
  hooks.asked.length = 0;
  await configure("Mutating", "autoscaling v1 horizontalpodautoscalers", "  matchPolicy: Exact");
  await apply("hpa", autoscaler("v2"));
  expect(hooks.asked).toEqual([]);
});

test("a version of a custom resource does not get around a rule about another", async () => {
  const version = (name: string, storage: boolean): string =>
    `  - {name: ${name}, served: true, storage: ${storage}, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}}`;
  await apply(
    "crd",
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boxes.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boxes, singular: box, kind: Box}
  versions:
${version("v1", true)}
${version("v2", false)}
`,
  );
  await good("wait", "--for=condition=Established", "crd/boxes.example.com", "--timeout=60s");
  await configure("Mutating", "example.com v1 boxes");
  hooks.answer("/", () => patch({ op: "replace", path: "/spec/size", value: 7 }));
  await apply("box", "apiVersion: example.com/v2\nkind: Box\nmetadata: {name: a}\nspec: {size: 1}\n");
  expect(hooks.asked[0]?.request).toMatchObject({
    kind: { version: "v1" },
    resource: { version: "v1" },
    requestKind: { version: "v2" },
    object: { apiVersion: "example.com/v1" },
  });
  expect(await good("get", "boxes.v2.example.com", "a", "-o", "jsonpath={.spec.size}")).toBe("7");
});
