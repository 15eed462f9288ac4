import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ConversionWebhook, startConversionWebhook } from "../support/conversion-webhook.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";
import { startWebhookServer, type WebhookServer } from "../support/webhook-server.ts";

/** Rules are about v1, which has `spec.size`; whoever writes, writes v2, which is stored and has `spec.width`. */
let tool: Kubectl;
let hooks: WebhookServer;
let conversion: ConversionWebhook;
let conversionFails = false;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

function convert(object: Record<string, unknown>, apiVersion: string): Record<string, unknown> {
  if (conversionFails) throw new Error("no way from one to the other");
  const { size, width = size, ...rest } = object["spec"] as Record<string, unknown>;
  const spec = { ...rest, [apiVersion.endsWith("/v1") ? "size" : "width"]: width };
  return { ...object, apiVersion, spec };
}

async function good(...args: string[]): Promise<string> {
  const { code, out, err } = await kubectl(...args);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return out;
}

async function apply(text: string): Promise<void> {
  await good("apply", "-f", await tool.manifest("text", text));
}

async function define(plural: string, kind: string, strategy: string): Promise<void> {
  const version = (name: string, member: string): string => `
  - name: ${name}
    served: true
    storage: ${name === "v2"}
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {${member}: {type: integer}, unit: {type: string, default: ${name}}}}}}}`;
  await apply(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: ${plural}, kind: ${kind}}
  conversion: ${strategy}
  versions:${version("v1", "size")}${version("v2", "width")}
`);
  await good("wait", "--for=condition=Established", `crd/${plural}.example.com`, "--timeout=20s");
}

beforeAll(async () => {
  tool = await startKubectl();
  hooks = await startWebhookServer(tool.api.pki);
  conversion = await startConversionWebhook(tool.api.pki, convert);
  const client = `{url: "${conversion.url}", caBundle: ${conversion.caBundle}}`;
  const webhook = `{conversionReviewVersions: [v1], clientConfig: ${client}}`;
  await define("boxes", "Box", `{strategy: Webhook, webhook: ${webhook}}`);
  await define("bags", "Bag", "{strategy: None}");
});

afterAll(async () => {
  await hooks.dispose();
  await conversion.dispose();
  await tool.dispose();
});

beforeEach(() => hooks.answer("/", () => ({ allowed: true })));

afterEach(async () => {
  conversionFails = false;
  const configurations = "validatingwebhookconfigurations,mutatingwebhookconfigurations";
  const policies = ["validating", "mutating"].map(
    (one) => `${one}admissionpolicies,${one}admissionpolicybindings`,
  );
  await kubectl("delete", [configurations, ...policies].join(","), "--all", "--wait=false");
  hooks.asked.length = 0;
});

const write = async (name: string, spec: string, kind = "Box"): Promise<Outcome> => {
  const text = `apiVersion: example.com/v2\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
  return kubectl("apply", "-f", await tool.manifest("custom", text));
};

const rule = (resource: string): string =>
  `{operations: [CREATE, UPDATE], apiGroups: [example.com], apiVersions: [v1], resources: [${resource}]}`;

const webhook = (kind: "Validating" | "Mutating", resource = "boxes", more = ""): Promise<void> =>
  apply(`apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: one}
webhooks:
- name: one.example.com
  clientConfig: {url: "${hooks.url("/")}", caBundle: ${hooks.caBundle}}
  rules: [${rule(resource)}]
  sideEffects: None
  admissionReviewVersions: [v1]
${more}`);

const policy = (kind: "Validating" | "Mutating", spec: string): Promise<void> =>
  apply(`apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}AdmissionPolicy
metadata: {name: demo}
spec:
  matchConstraints: {resourceRules: [${rule("boxes")}]}
  ${spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}AdmissionPolicyBinding
metadata: {name: demo-binding}
spec: {policyName: demo${kind === "Validating" ? ", validationActions: [Deny]" : ""}}
`);

const denial = "ValidatingAdmissionPolicy 'demo' with binding 'demo-binding' denied request: ";
const tooLarge = `validations: [{expression: "object.spec.size <= 5", message: too large}]`;

describe("a rule about one version of a custom resource with a conversion webhook", () => {
  test("sees the objects of another in its own, before and after", async () => {
    const conditions = `  matchConditions: [{name: small, expression: "object.spec.size < 5"}]\n`;
    await webhook("Validating", "boxes", conditions);
    expect((await write("seen", "width: 1")).err).toBe("");
    expect((await write("seen", "width: 2")).err).toBe("");
    expect((await write("seen", "width: 7")).err).toBe("");
    expect(hooks.asked.map(({ request }) => request)).toMatchObject([
      {
        operation: "CREATE",
        kind: { version: "v1" },
        resource: { version: "v1" },
        requestKind: { version: "v2" },
        object: { apiVersion: "example.com/v1", spec: { size: 1, unit: "v2" } },
      },
      {
        operation: "UPDATE",
        object: { apiVersion: "example.com/v1", spec: { size: 2 } },
        oldObject: { apiVersion: "example.com/v1", spec: { size: 1 } },
      },
    ]);
  });

  test("changes them in its own, and the change goes the way back", async () => {
    await webhook("Mutating");
    const patch = [{ op: "replace", path: "/spec/size", value: 3 }];
    hooks.answer("/", () => ({ allowed: true, patch }));
    expect((await write("changed", "width: 1, unit: cm")).err).toBe("");
    expect(await good("get", "box", "changed", "-o", "jsonpath={.apiVersion} {.spec}")).toBe(
      'example.com/v2 {"unit":"cm","width":3}',
    );
  });

  test("judges and changes them as a policy", async () => {
    await policy("Validating", tooLarge);
    expect((await write("judged", "width: 5")).err).toBe("");
    expect((await write("judged", "width: 6")).err).toContain(`${denial}too large`);
    const applied = "Object{spec: Object.spec{size: object.spec.size - 3}}";
    await policy(
      "Mutating",
      `failurePolicy: Fail
  reinvocationPolicy: Never
  mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: '${applied}'}}]`,
    );
    expect((await write("judged", "width: 8")).err).toBe("");
    expect(await good("get", "box", "judged", "-o", "jsonpath={.spec.width}")).toBe("5");
  });

  test("refuses what cannot be converted, but for a policy that fails open", async () => {
    conversionFails = true;
    const why = "conversion webhook for example.com/v2, Kind=Box failed: no way from one to the other";
    await policy("Validating", tooLarge);
    const failed = `${denial}failed to configure binding: failed to convert object version: ${why}`;
    expect((await write("odd", "width: 1")).err).toContain(failed);
    await policy("Validating", `failurePolicy: Ignore\n  ${tooLarge}`);
    expect((await write("odd", "width: 1")).err).toBe("");
    await webhook("Validating", "boxes", "  failurePolicy: Ignore\n");
    expect((await write("odd", "width: 2")).err).toContain(why);
    expect(hooks.asked).toEqual([]);
    await webhook("Validating", "boxes", "  matchPolicy: Exact\n");
    expect((await write("odd", "width: 2")).err).toBe("");
  });
});

test("without a conversion a change in one version keeps what only the other has", async () => {
  await webhook("Mutating", "bags");
  const patch = [{ op: "add", path: "/metadata/labels", value: { seen: "yes" } }];
  hooks.answer("/", () => ({ allowed: true, patch }));
  expect((await write("kept", "width: 4", "Bag")).err).toBe("");
  expect(hooks.asked[0]?.request).toMatchObject({ object: { apiVersion: "example.com/v1" } });
  expect(await good("get", "bag", "kept", "-o", "jsonpath={.metadata.labels.seen} {.spec.width}")).toBe(
    "yes 4",
  );
});
