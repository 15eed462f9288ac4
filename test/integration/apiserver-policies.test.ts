import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

beforeAll(async () => {
  tool = await startKubectl();
  await kubectl("create", "serviceaccount", "default");
});

afterAll(() => tool.dispose());

afterEach(async () => {
  const all =
    "validatingadmissionpolicies,validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings";
  await kubectl("delete", all, "--all", "--wait=false");
  await kubectl("delete", "deployments,configmaps", "--all", "--wait=false");
});

/** A policy about one resource, bound at once. */
async function policy(
  kind: "Validating" | "Mutating",
  resource: string,
  spec: string,
  binding = kind === "Validating" ? "validationActions: [Deny]" : "",
): Promise<Outcome> {
  const [group, name] = resource.includes("/") ? resource.split("/") : ["", resource];
  const indented = (text: string): string => text.replace(/^/gm, "  ");
  const text = `apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}AdmissionPolicy
metadata: {name: demo}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: ["${group}"], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [${name}]}]
${indented(spec)}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}AdmissionPolicyBinding
metadata: {name: demo-binding}
spec:
  policyName: demo
${indented(binding)}`;
  return await kubectl("apply", "-f", await tool.manifest("policy", text));
}

const map = (name: string, ...more: string[]): Promise<Outcome> =>
  kubectl("create", "configmap", name, "--from-literal=a=1", ...more);

describe("validating policies", () => {
  test("deny as kubectl prints it, at create and at every change", async () => {
    await policy(
      "Validating",
      "apps/deployments",
      'validations: [{expression: "object.spec.replicas <= 5"}]',
    );
    const denied = await kubectl("create", "deployment", "web", "--image=busybox", "--replicas=6");
    expect(denied.code).toBe(1);
    expect(denied.err).toContain(
      "ValidatingAdmissionPolicy 'demo' with binding 'demo-binding' denied request: failed expression: object.spec.replicas <= 5",
    );
    expect((await kubectl("create", "deployment", "web", "--image=busybox", "--replicas=5")).code).toBe(0);
    const patch = '{"spec":{"replicas":7}}';
    expect((await kubectl("patch", "deployment", "web", "-p", patch)).err).toContain("denied request");
  });

  test("say why in words of their own, with reason, variables and match conditions", async () => {
    await policy(
      "Validating",
      "configmaps",
      `matchConditions: [{name: not-exempt, expression: "!object.metadata.name.startsWith('free-')"}]
variables:
- {name: keys, expression: "has(object.data) ? object.data.map(k, k) : []"}
- {name: many, expression: "variables.keys.size() > 1"}
validations:
- expression: "!variables.many"
  messageExpression: "'too many keys: ' + variables.keys.join(',')"
  reason: Forbidden
- {expression: "object.metadata.name != 'bad'", message: "bad is no name"}`,
    );
    const many = await map("many", "--from-literal=b=2");
    expect(many.err).toContain('configmaps "many" is forbidden');
    expect(many.err).toContain("denied request: too many keys: a,b");
    expect((await map("bad")).err).toContain("denied request: bad is no name");
    expect((await map("free-many", "--from-literal=b=2")).code).toBe(0);
  });

  test("know who asks, what he may, and which namespace it is for", async () => {
    await policy(
      "Validating",
      "configmaps",
      `validations:
- expression: >-
    request.userInfo.username == 'admin' && namespaceObject.metadata.name == request.namespace
    && authorizer.group('').resource('pods').namespace('default').check('delete').allowed()
    && oldObject == null`,
    );
    expect((await map("known")).code).toBe(0);
    expect((await kubectl("label", "configmap", "known", "x=y")).err).toContain("denied request");
  });

  test("take parameters, from a ConfigMap or any other object", async () => {
    await map("limits");
    await policy(
      "Validating",
      "apps/deployments",
      'paramKind: {apiVersion: v1, kind: ConfigMap}\nvalidations: [{expression: "object.spec.replicas <= int(params.data.a)"}]',
      "validationActions: [Deny]\nparamRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}",
    );
    const create = (replicas: number): Promise<Outcome> =>
      kubectl("create", "deployment", "web", "--image=busybox", `--replicas=${replicas}`);
    expect((await create(2)).err).toContain("denied request: failed expression");
    expect((await create(1)).code).toBe(0);
    await kubectl("delete", "configmap", "limits");
    await kubectl("delete", "deployment", "web");
    expect((await create(1)).err).toContain(
      "no params found for policy binding with `Deny` parameterNotFoundAction",
    );
  });

  test("leave alone what their bindings exclude", async () => {
    const spared =
      'excludeResourceRules: [{apiGroups: [""], apiVersions: [v1], operations: ["*"], resources: [configmaps], resourceNames: [spared]}]';
    const never = 'validations: [{expression: "false"}]';
    await policy("Validating", "configmaps", never, `validationActions: [Deny]\nmatchResources: {${spared}}`);
    expect((await map("other")).err).toContain("denied request");
    expect((await map("spared")).code).toBe(0);
  });

  test("warn instead, when bound so", async () => {
    const binding = "validationActions: [Warn, Audit]";
    await policy("Validating", "configmaps", 'validations: [{expression: "false", message: "hm"}]', binding);
    const { code, err } = await map("warned");
    expect(code).toBe(0);
    expect(err).toBe(
      "Warning: Validation failed for ValidatingAdmissionPolicy 'demo' with binding 'demo-binding': hm\n",
    );
  });

  test("that end with an error fail closed or open, as they say", async () => {
    const spec = "validations: [{expression: \"object.data.none == 'x'\"}]";
    await policy("Validating", "configmaps", spec);
    expect((await map("closed")).err).toContain(
      "expression 'object.data.none == 'x'' resulted in error: no such key: none",
    );
    await policy("Validating", "configmaps", `failurePolicy: Ignore\n${spec}`);
    expect((await map("open")).code).toBe(0);

    const variables = 'variables: [{name: none, expression: "object.data.none"}]';
    await policy(
      "Validating",
      "configmaps",
      `${variables}\nvalidations: [{expression: "variables.none == '1'"}]`,
    );
    expect((await map("closed")).err).toContain(
      `expression 'variables.none == '1'' resulted in error: composited variable "none" fails to evaluate: expression 'object.data.none' resulted in error: no such key: none`,
    );
  });

  test("that never end are cut short, and the server answers others meanwhile", async () => {
    const list = `[${Array.from({ length: 100 }, (_, at) => at).join(",")}]`;
    const runaway = `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, a + b + c + d >= 0))))`;
    await policy("Validating", "configmaps", `validations: [{expression: "${runaway}"}]`);
    const [denied, other] = await Promise.all([map("runaway"), kubectl("get", "namespaces")]);
    expect(denied.err).toContain("resulted in error: operation cancelled: actual cost limit exceeded");
    expect(other.code).toBe(0);
  });

  test("that are no expressions are refused when they are written", async () => {
    const { code, err } = await policy(
      "Validating",
      "configmaps",
      "validations: [{expression: \"object.metadata.name + 1 == 'x' && request.nobody == 'x'\"}]",
    );
    expect(code).toBe(1);
    expect(err).toContain("spec.validations[0].expression: Invalid value");
    expect(err).toContain("compilation failed: ERROR: <input>:");
    expect(err).toContain("undefined field 'nobody'");
    const number = await policy("Validating", "configmaps", 'validations: [{expression: "1 + 1"}]');
    expect(number.err).toContain("must evaluate to bool");
  });
});

test("the examples do what they say", async () => {
  await kubectl("apply", "-f", "examples/policies/");
  const { err } = await kubectl("create", "deployment", "web", "--image=busybox", "--replicas=6");
  expect(err).toContain("denied request: at most 5 replicas, not 6");
  expect((await kubectl("run", "told", "--image=busybox")).err).toBe("");
  const { out } = await kubectl("get", "pod", "told", "-o", "jsonpath={.spec.containers[0].env}");
  expect(JSON.parse(out)).toEqual([
    { name: "NODE_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "spec.nodeName" } } },
  ]);
});

describe("custom resources", () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tanks.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Tank, plural: tanks, singular: tank}
  versions:
  - {name: v1, served: true, storage: true, schema: &schema {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
  - {name: v1beta1, served: true, storage: false, schema: *schema}`;
  const tank = async (name: string, litres: string, version = "v1"): Promise<Outcome> => {
    const text = `apiVersion: example.com/${version}\nkind: Tank\nmetadata: {name: ${name}}\nspec: {litres: ${litres}}`;
    return await kubectl("apply", "-f", await tool.manifest(name, text));
  };

  test("are judged in every version, may be parameters, and can be changed", async () => {
    await kubectl("apply", "-f", await tool.manifest("definition", definition));
    await kubectl("wait", "--for=condition=Established", "crd/tanks.example.com", "--timeout=60s");
    expect((await tank("most", "9007199254740993")).err).toBe("");
    await policy(
      "Validating",
      "example.com/tanks",
      'paramKind: {apiVersion: example.com/v1, kind: Tank}\nvalidations: [{expression: "object.spec.litres <= params.spec.litres"}]',
      "validationActions: [Deny]\nparamRef: {name: most, namespace: default, parameterNotFoundAction: Deny}",
    );
    expect((await tank("fits", "9007199254740993")).err).toBe("");
    expect((await tank("large", "9007199254740995")).err).toContain("denied request: failed expression");
    expect((await tank("large", "9007199254740995", "v1beta1")).err).toContain("denied request");
    const label = 'Object{metadata: Object.metadata{labels: {"seen": "yes"}}, spec: Object.spec{unit: "l"}}';
    await policy(
      "Mutating",
      "example.com/tanks",
      `failurePolicy: Fail\nreinvocationPolicy: Never\nmutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: '${label}'}}]`,
    );
    expect((await tank("seen", "9007199254740993")).err).toBe("");
    const { out } = await kubectl("get", "tank", "seen", "-o", "jsonpath={.metadata.labels.seen} {.spec}");
    expect(out).toBe('yes {"litres":9007199254740993,"unit":"l"}');
  });
});

test("a policy's status warns of what no object of its kind could be", async () => {
  await policy(
    "Validating",
    "apps/deployments",
    `variables: [{name: count, expression: object.spec.replicas}]
validations:
- expression: "object.spec.replcas <= 5"
- expression: "variables.count < 'five' && object.metadata.creationTimestamp < timestamp('2030-01-01T00:00:00Z')"
- expression: "object.spec.template.spec.containers.all(c, c.image != '')"`,
  );
  const { out } = await kubectl("get", "validatingadmissionpolicy", "demo", "-o", "jsonpath={.status}");
  const { observedGeneration, typeChecking } = JSON.parse(out) as {
    observedGeneration: number;
    typeChecking: { expressionWarnings: { fieldRef: string; warning: string }[] };
  };
  expect(observedGeneration).toBe(1);
  const warnings = typeChecking.expressionWarnings;
  expect(warnings.map(({ fieldRef }) => fieldRef)).toEqual([
    "spec.validations[0].expression",
    "spec.validations[1].expression",
  ]);
  expect(warnings[0]!.warning).toContain(
    "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replcas'",
  );
  expect(warnings[1]!.warning).toContain("found no matching overload for '_<_' applied to '(int, string)'");
  const change = '{"spec":{"validations":[{"expression":"object.spec.replicas <= 5"}]}}';
  await kubectl("patch", "validatingadmissionpolicy", "demo", "--type=merge", "-p", change);
  const after = await kubectl("get", "validatingadmissionpolicy", "demo", "-o", "jsonpath={.status}");
  expect(JSON.parse(after.out)).toEqual({ observedGeneration: 2, typeChecking: {} });
});

describe("mutating policies", () => {
  test("inject by apply configuration, merged as server-side apply merges", async () => {
    await policy(
      "Mutating",
      "pods",
      `failurePolicy: Fail
reinvocationPolicy: Never
mutations:
- patchType: ApplyConfiguration
  applyConfiguration:
    expression: >-
      Object{
        metadata: Object.metadata{labels: {"injected": "yes"}},
        spec: Object.spec{
          containers: object.spec.containers.map(c, Object.spec.containers{
            name: c.name,
            env: [Object.spec.containers.env{name: "WHO", value: request.userInfo.username}]
          })
        }
      }`,
    );
    const run = await kubectl("run", "web", "--image=busybox", "--env=OWN=1");
    expect(run.err).toBe("");
    const { out } = await kubectl("get", "pod", "web", "-o", "json");
    const pod = JSON.parse(out) as {
      metadata: { labels: object };
      spec: { containers: { image: string; env: object[] }[] };
    };
    expect(pod.metadata.labels).toMatchObject({ injected: "yes", run: "web" });
    expect(pod.spec.containers[0]).toMatchObject({ image: "busybox" });
    expect(pod.spec.containers[0]!.env).toEqual(
      expect.arrayContaining([
        { name: "OWN", value: "1" },
        { name: "WHO", value: "admin" },
      ]),
    );
    await kubectl("delete", "pod", "web", "--force", "--grace-period=0");
  });

  test("patch by JSON patch, each mutation on what the one before it made", async () => {
    await policy(
      "Mutating",
      "configmaps",
      `failurePolicy: Fail
reinvocationPolicy: Never
mutations:
- patchType: JSONPatch
  jsonPatch:
    expression: >-
      [JSONPatch{op: "add", path: "/metadata/labels", value: {"first": "1"}}]
- patchType: JSONPatch
  jsonPatch:
    expression: >-
      has(object.metadata.labels.first)
      ? [JSONPatch{op: "replace", path: "/metadata/labels", value: {"example.com/env": "test"}}]
      : []
- patchType: JSONPatch
  jsonPatch:
    expression: >-
      [JSONPatch{op: "test", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/env"), value: "test"}]`,
    );
    expect((await map("patched")).err).toBe("");
    const { out } = await kubectl("get", "configmap", "patched", "-o", "jsonpath={.metadata.labels}");
    expect(out).toBe('{"example.com/env":"test"}');
    const rehearsal = await map("rehearsed", "--dry-run=server", "-o", "jsonpath={.metadata.labels}");
    expect(rehearsal.out).toBe('{"example.com/env":"test"}');
  });

  test("that go wrong fail closed or open, as they say", async () => {
    const mutation = `mutations:
- patchType: ApplyConfiguration
  applyConfiguration: {expression: "Object{spec: Object.status{}}"}`;
    await policy("Mutating", "configmaps", `reinvocationPolicy: Never\nfailurePolicy: Fail\n${mutation}`);
    expect((await map("closed")).err).toContain(
      "policy 'demo' with binding 'demo-binding' denied request: type mismatch: unexpected type name \"Object.status\"",
    );
    await policy("Mutating", "configmaps", `reinvocationPolicy: Never\nfailurePolicy: Ignore\n${mutation}`);
    expect((await map("open")).code).toBe(0);
  });
});
