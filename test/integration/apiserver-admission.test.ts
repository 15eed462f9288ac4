import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kubectl, type Outcome, podText, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
let namespace = "";
let round = 0;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run("-n", namespace, ...args);
const apply = async (name: string, text: string): Promise<Outcome> =>
  kubectl("apply", "-f", await tool.manifest(name, text));

beforeAll(async () => {
  tool = await startKubectl();
});

afterAll(() => tool.dispose());

beforeEach(async () => {
  namespace = `admission-${round++}`;
  await kubectl("create", "namespace", namespace);
  await kubectl("create", "serviceaccount", "default");
});

const limits = (name: string, items: string): Promise<Outcome> =>
  apply(name, `apiVersion: v1\nkind: LimitRange\nmetadata: {name: ${name}}\nspec: {limits: [${items}]}`);

describe("LimitRange", () => {
  test("fills in defaults and says so", async () => {
    await limits(
      "defaults",
      "{type: Container, default: {cpu: 200m}, defaultRequest: {cpu: 100m, memory: 64Mi}}",
    );
    await apply("web", podText("web"));
    const { out } = await kubectl("get", "pod", "web", "-o", "json");
    const pod = JSON.parse(out) as {
      metadata: { annotations: Record<string, string> };
      spec: { containers: { resources: object }[] };
    };
    expect(pod.spec.containers[0]!.resources).toEqual({
      limits: { cpu: "200m" },
      requests: { cpu: "100m", memory: "64Mi" },
    });
    expect(pod.metadata.annotations["kubernetes.io/limit-ranger"]).toBe(
      "LimitRanger plugin set: cpu, memory request for container main; cpu limit for container main",
    );
  });

  test("refuses what is too small, too large or out of proportion, all in one sentence", async () => {
    await limits(
      "bounds",
      "{type: Container, min: {cpu: 100m}, max: {memory: 1Gi}, maxLimitRequestRatio: {cpu: '2'}}",
    );
    const resources = "{requests: {cpu: 50m}, limits: {cpu: 500m, memory: 2Gi}}";
    const { err } = await apply("web", podText("web", `, resources: ${resources}`));
    expect(err).toContain(
      'pods "web" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum memory usage per Container is 1Gi, but limit is 2Gi',
    );
    expect(err).toContain(
      "cpu max limit to request ratio per Container is 2, but provided ratio is 10.000000",
    );
  });

  test("bounds pods as a whole, and claims", async () => {
    await limits("whole", "{type: Pod, max: {cpu: 1}}, {type: PersistentVolumeClaim, max: {storage: 1Gi}}");
    expect((await apply("web", podText("web"))).err).toContain(
      "maximum cpu usage per Pod is 1.  No limit is specified",
    );
    const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}`;
    expect((await apply("data", claim)).err).toContain(
      "maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi",
    );
  });
});

describe("PodSecurity", () => {
  const label = (...labels: string[]): Promise<Outcome> =>
    kubectl(
      "label",
      "namespace",
      namespace,
      "--overwrite",
      ...labels.map((one) => `pod-security.kubernetes.io/${one}`),
    );

  test("refuses, warns about pods and about what makes them, and names the version it was asked for", async () => {
    await label("enforce=baseline", "warn=restricted", "warn-version=v1.30");
    const bad = podText("bad").replace("spec:", "spec:\n  hostNetwork: true");
    expect((await apply("bad", bad)).err).toContain(
      'pods "bad" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    );
    const good = await apply("good", podText("good"));
    expect(good.code).toBe(0);
    expect(good.err).toContain(
      'Warning: would violate PodSecurity "restricted:v1.30": allowPrivilegeEscalation',
    );
    const deployment = await kubectl("create", "deployment", "web", "--image=x");
    expect(deployment.err).toContain('Warning: would violate PodSecurity "restricted:v1.30"');
  });

  test("tells of pods that a stricter namespace would have refused, and refuses labels that mean nothing", async () => {
    await apply("old", podText("old"));
    const { code, err } = await label("enforce=restricted");
    expect(code).toBe(0);
    expect(err).toContain(
      `Warning: existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "restricted:latest"`,
    );
    expect(err).toContain(
      "Warning: old: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile\n",
    );
    expect((await label("enforce=strict")).err).toContain(
      'Invalid value: "strict": must be one of privileged, baseline, restricted',
    );
  });
});

test("a pod stays five minutes on a node that is lost, unless it says otherwise", async () => {
  await apply("web", podText("web"));
  const path = "jsonpath={range .spec.tolerations[*]}{.key} {.effect} {.tolerationSeconds};{end}";
  expect((await kubectl("get", "pod", "web", "-o", path)).out).toBe(
    "node.kubernetes.io/not-ready NoExecute 300;node.kubernetes.io/unreachable NoExecute 300;",
  );
  const always = podText("always").replace("spec:", "spec:\n  tolerations: [{operator: Exists}]");
  await apply("always", always);
  const { out } = await kubectl("get", "pod", "always", "-o", "jsonpath={.spec.tolerations}");
  expect(JSON.parse(out)).toEqual([{ operator: "Exists" }]);
});

test("a runtime class says what its pods cost besides, and where they run", async () => {
  const text = `apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: heavy}
handler: heavy
overhead: {podFixed: {memory: 64Mi}}
scheduling: {nodeSelector: {sandbox: "yes"}, tolerations: [{key: sandbox, operator: Exists}]}`;
  await apply("heavy", text);
  const pod = podText("web").replace("spec:", "spec:\n  runtimeClassName: heavy");
  expect((await apply("web", pod)).err).toBe("");
  const { out } = await kubectl("get", "pod", "web", "-o", "json");
  const { spec } = JSON.parse(out) as {
    spec: { overhead: object; nodeSelector: object; tolerations: object[] };
  };
  expect(spec).toMatchObject({ overhead: { memory: "64Mi" }, nodeSelector: { sandbox: "yes" } });
  expect(spec.tolerations).toContainEqual({ key: "sandbox", operator: "Exists" });
  const elsewhere = pod
    .replace("name: web", "name: other")
    .replace("spec:", 'spec:\n  nodeSelector: {sandbox: "no"}');
  expect((await apply("other", elsewhere)).err).toContain(
    "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no",
  );
});

test("one priority class is the default, and no second one", async () => {
  const text = (name: string): string =>
    `apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: ${name}}\nvalue: 5\nglobalDefault: true`;
  expect((await apply("first", text("first"))).err).toBe("");
  expect((await apply("second", text("second"))).err).toContain(
    "PriorityClass first is already marked as default. Only one default can exist",
  );
  await kubectl("delete", "priorityclass", "first");
});

test("a pod preempts as its priority class says, and those of the system stay", async () => {
  await kubectl("create", "priorityclass", "meek", "--value=3", "--preemption-policy=Never");
  const pod = (name: string, spec: string): Promise<Outcome> =>
    apply(name, podText(name).replace("spec:", `spec:\n  priorityClassName: meek\n  ${spec}`));
  const { err } = await pod("bold", "preemptionPolicy: PreemptLowerPriority");
  expect(err).toContain(
    "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name",
  );
  expect((await pod("humble", "preemptionPolicy: Never")).code).toBe(0);
  expect((await kubectl("delete", "priorityclass", "meek")).code).toBe(0);
  const system = await kubectl("delete", "priorityclass", "system-node-critical");
  expect(system.err).toContain("this is a system priority class and cannot be deleted");
});

test("a claim grows only where its class lets it", async () => {
  const text = (name: string, expands: boolean): string => `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ${name}}
provisioner: example.com/none
allowVolumeExpansion: ${expands}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {storageClassName: ${name}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}`;
  const patch = '-p={"spec":{"resources":{"requests":{"storage":"2Gi"}}}}';
  const bound = async (name: string): Promise<Outcome> =>
    kubectl("patch", "pvc", name, "--subresource=status", "-p", '{"status":{"phase":"Bound"}}');
  await apply("rigid", text("rigid", false));
  const early = await kubectl("patch", "pvc", "rigid", patch);
  expect(early.err).toContain("spec: Forbidden: spec is immutable after creation");
  await bound("rigid");
  const refused = await kubectl("patch", "pvc", "rigid", patch);
  expect(refused.err).toContain("only dynamically provisioned pvc can be resized");
  await apply("elastic", text("elastic", true));
  await bound("elastic");
  expect((await kubectl("patch", "pvc", "elastic", patch)).out).toContain("patched");
});

test("a policy can keep people out of running containers", async () => {
  await apply("web", podText("web"));
  const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-shell}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec]}]
  validations: [{expression: "object.command[0] != 'sh'", message: "no shells"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-shell}
spec: {policyName: no-shell, validationActions: [Deny]}`;
  expect((await apply("policy", policy)).code).toBe(0);
  expect((await kubectl("exec", "web", "--", "sh")).err).toContain("denied request: no shells");
  expect((await kubectl("exec", "web", "--", "ls")).err).not.toContain("denied request");
});

test("a webhook configuration that could never work is refused field by field", async () => {
  const text = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: wrong}
webhooks:
- name: short
  clientConfig: {url: "http://user@x/?a=b"}
  sideEffects: Some
  timeoutSeconds: 31
  admissionReviewVersions: [v2]
  rules: [{operations: [READ], apiGroups: [""], apiVersions: [v1], resources: []}]
- name: ok.example.com
  clientConfig: {url: "https://x/"}
  sideEffects: None
  admissionReviewVersions: [v1]
  rules: [{operations: ["*", CREATE], apiGroups: ["*", apps], apiVersions: [v1, "*"], resources: ["*/*", pods]}]
- {name: ok.example.com, clientConfig: {url: "https://x/"}, sideEffects: None, admissionReviewVersions: [v1]}`;
  const { err } = await apply("wrong", text);
  for (const sentence of [
    'webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots',
    "'https' is the only allowed URL scheme",
    'webhooks[0].sideEffects: Unsupported value: "Some"',
    "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
    "webhooks[0].admissionReviewVersions",
    'webhooks[0].rules[0].operations[0]: Unsupported value: "READ"',
    "webhooks[0].rules[0].resources: Required value",
    "if '*' is present, must not specify other operations",
    "webhooks[1].rules[0].apiGroups: Invalid value",
    "if '*' is present, must not specify other API versions",
    "if '*/*' is present, must not specify other resources",
    'webhooks[2].name: Duplicate value: "ok.example.com"',
  ])
    expect(err).toContain(sentence);
});
