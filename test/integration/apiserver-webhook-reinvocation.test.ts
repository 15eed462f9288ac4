import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kubectl, startKubectl } from "../support/kubectl.ts";
import { startWebhookServer, type WebhookServer } from "../support/webhook-server.ts";

let tool: Kubectl;
let hooks: WebhookServer;

beforeAll(async () => {
  tool = await startKubectl();
  hooks = await startWebhookServer(tool.api.pki);
  await tool.run("create", "serviceaccount", "default");
});

afterAll(async () => {
  await hooks.dispose();
  await tool.dispose();
});

const policy = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: mesh}
spec:
  reinvocationPolicy: Never
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: 'Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "mesh", image: "busybox"}]}}'
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: mesh}
spec: {policyName: mesh}
`;

test("the server's own admission fills in what was injected, and a webhook is asked about that once more", async () => {
  const range = `
apiVersion: v1
kind: LimitRange
metadata: {name: defaults}
spec: {limits: [{type: Container, defaultRequest: {cpu: 100m}}]}
`;
  const sidecar = { name: "sidecar", image: "busybox" };
  hooks.answer("/inject", ({ object }) => {
    const { containers } = (object as unknown as { spec: { containers: unknown[] } }).spec;
    return {
      allowed: true,
      patch: containers.length > 1 ? [] : [{ op: "add", path: "/spec/containers/-", value: sidecar }],
    };
  });
  const webhook = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: inject}
webhooks:
- name: inject.example.com
  clientConfig: {url: "${hooks.url("/inject")}", caBundle: ${hooks.caBundle}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  sideEffects: None
  admissionReviewVersions: [v1]
  reinvocationPolicy: IfNeeded
`;
  const { err } = await tool.run(
    "apply",
    "-f",
    await tool.manifest("all", [range, policy, webhook].join("---")),
  );
  expect(err).toBe("");
  await tool.run("run", "filled", "--image=busybox");
  const { spec } = JSON.parse((await tool.run("get", "pod", "filled", "-o", "json")).out);
  expect(spec.volumes).toHaveLength(1);
  const containers = [...spec.initContainers, ...spec.containers];
  expect(containers.map(({ name }) => name)).toEqual(["mesh", "filled", "sidecar"]);
  for (const container of containers) {
    expect(container.resources.requests).toEqual({ cpu: "100m" });
    expect(container.volumeMounts).toMatchObject([{ name: spec.volumes[0].name }]);
  }
  expect(hooks.asked.map(({ path }) => path)).toEqual(["/inject", "/inject"]);
});
