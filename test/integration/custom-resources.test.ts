import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiClient } from "../../core/client/index.ts";
import { cronTab, cronTabs } from "../support/custom-resources.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
let api: ApiClient;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const definition = "crontabs.stable.example.com";
const path = "/apis/stable.example.com/v1/namespaces/default/crontabs";

async function apply(text: string, ...args: string[]): Promise<Outcome> {
  return kubectl("apply", "-f", await tool.manifest("object", text), ...args);
}

async function field(name: string, jsonpath: string): Promise<string> {
  return (await kubectl("get", "ct", name, "-o", `jsonpath=${jsonpath}`)).out;
}

beforeAll(async () => {
  tool = await startKubectl();
  api = await tool.api.client("https");
  await apply(cronTabs());
});

afterAll(() => tool.dispose());

describe("a definition makes a kind that is served without a restart", () => {
  test("kubectl can wait for it", async () => {
    const waited = await kubectl("wait", "--for=condition=Established", `crd/${definition}`, "--timeout=60s");
    expect(waited.out).toContain("condition met");
  });

  test("discovery and kubectl know it by all its names", async () => {
    const { out } = await kubectl("api-resources", "--api-group=stable.example.com", "--no-headers");
    expect(out.split(/\s+/).slice(0, 5)).toEqual([
      "crontabs",
      "ct",
      "stable.example.com/v1",
      "true",
      "CronTab",
    ]);
    const legacy = await api.request({ method: "GET", path: "/apis/stable.example.com/v1" });
    expect((legacy.body as { resources: { name: string }[] }).resources.map(({ name }) => name)).toEqual([
      "crontabs",
      "crontabs/status",
      "crontabs/scale",
    ]);
  });

  test("kubectl explains it", async () => {
    const spec = (await kubectl("explain", "ct.spec")).out;
    expect(spec).toMatch(/cronSpec\s+<string> -required-\s+When it runs\./);
    const whole = (await kubectl("explain", "crontab")).out;
    expect(whole).toContain("What runs by the clock.");
    expect(whole).toContain("APIVersion defines the versioned schema of this representation");
  });

  test("objects are printed in its columns, and found by its category", async () => {
    expect((await apply(cronTab("printed"))).out).toBe("crontab.stable.example.com/printed created\n");
    const condition = '{"status":{"conditions":[{"type":"Old"},{"type":"Ready","status":"True"}]}}';
    await kubectl("patch", "ct", "printed", "--subresource=status", "--type=merge", "-p", condition);
    const { out } = await kubectl("get", "ct", "printed");
    expect(out.split("\n").map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ["NAME", "SPEC", "REPLICAS", "READY"],
      ["printed", "* * * * */5", "1", "True"],
      [""],
    ]);
    expect((await kubectl("get", "ct", "-o", "wide")).out).toContain("SINCE");
    expect((await kubectl("get", "all", "-o", "name")).out).toContain("crontab.stable.example.com/printed");
  });
});

describe("what a schema says holds", () => {
  test("wrong values are refused with their path, all at once", async () => {
    const { err } = await apply(cronTab("wrong", ", replicas: 11, share: true, tags: [a, a]"));
    expect(err).toContain(
      "spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10",
    );
    expect(err).toContain("spec.share: Invalid value");
    expect(err).toContain('spec.tags[1]: Duplicate value: "a"');
  });

  test("unknown members are refused by kubectl, pruned with a warning otherwise, kept where preserved", async () => {
    const strict = await apply(cronTab("pruned", ", wrong: 1, extra: {any: [1]}"));
    expect(strict.err).toContain('strict decoding error: unknown field "spec.wrong"');
    const warned = await apply(cronTab("pruned", ", wrong: 1, extra: {any: [1]}"), "--validate=warn");
    expect(warned.err).toContain('unknown field "spec.wrong"');
    expect(JSON.parse(await field("pruned", "{.spec}"))).toEqual({
      cronSpec: "* * * * */5",
      extra: { any: [1] },
      image: "busybox",
      replicas: 1,
    });
  });

  test("a whole number beyond 2^53 survives being written, patched and applied", async () => {
    const serial = "9007199254740993";
    await apply(cronTab("exact", `, serial: ${serial}`), "--server-side");
    await kubectl("patch", "ct", "exact", "--type=merge", "-p", '{"spec":{"image":"other"}}');
    expect(await field("exact", "{.spec.serial}")).toBe(serial);
    await kubectl("label", "ct", "exact", "a=b");
    expect(await field("exact", "{.spec.serial}")).toBe(serial);
  });

  test("a member called __proto__ is nothing but a member", async () => {
    const body = `{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"proto"},
      "spec":{"cronSpec":"* * * * *","extra":{"__proto__":{"polluted":1}}}}`;
    const text = (await kubectl("create", "-f", await tool.manifest("proto", body))).out;
    expect(text).toContain("created");
    expect((await kubectl("get", "ct", "proto", "-o", "json")).out).toContain('"__proto__"');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("writing in every way", () => {
  test("JSON and merge patches; a strategic one is refused, since nothing says how to merge", async () => {
    await apply(cronTab("patched"));
    const json = '[{"op":"replace","path":"/spec/replicas","value":2}]';
    expect((await kubectl("patch", "ct", "patched", "--type=json", "-p", json)).code).toBe(0);
    expect(await field("patched", "{.spec.replicas}")).toBe("2");
    const strategic = await kubectl("patch", "ct", "patched", "-p", '{"spec":{"replicas":3}}');
    expect(strategic.err).toContain("strategic-merge-patch+json is not supported by stable.example.com/v1");
  });

  test("appliers share a list with keys, item by item", async () => {
    const one = await apply(cronTab("shared", ", ports: [{name: a, port: 1}]"), "--server-side");
    expect(one.code).toBe(0);
    const two = cronTab("shared", ", ports: [{name: b, port: 2}]");
    expect((await apply(two, "--server-side", "--field-manager=other")).code).toBe(0);
    expect(JSON.parse(await field("shared", "{.spec.ports}"))).toEqual([
      { name: "a", port: 1 },
      { name: "b", port: 2 },
    ]);
    const clash = cronTab("shared", ", ports: [{name: a, port: 3}]");
    const { err } = await apply(clash, "--server-side", "--field-manager=other");
    expect(err).toContain('.spec.ports[name="a"].port');
  });

  test("a change says which state it is meant for, and a patch does not take that away", async () => {
    await apply(cronTab("guarded"));
    const { body } = await api.request({ method: "GET", path: `${path}/guarded` });
    const object = body as { metadata: Record<string, unknown> };
    const { resourceVersion: _, ...metadata } = object.metadata;
    const nothingSaid = { ...object, metadata };
    const refusal = {
      code: 422,
      message:
        'crontabs.stable.example.com "guarded" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    };
    const ask = (method: "PUT" | "PATCH", more: string, sent: object): Promise<unknown> =>
      api
        .request({
          method,
          path: `${path}/guarded${more}`,
          body: sent,
          ...(method === "PATCH" ? { headers: { "content-type": "application/merge-patch+json" } } : {}),
        })
        .catch((error: unknown) => error);
    expect(await ask("PUT", "", nothingSaid)).toMatchObject(refusal);
    expect(await ask("PUT", "/status", nothingSaid)).toMatchObject(refusal);
    expect(await ask("PATCH", "", { metadata: { resourceVersion: null } })).toMatchObject(refusal);
    expect(await ask("PUT", "", object)).toMatchObject({ status: 200 });
    expect(await ask("PATCH", "", { metadata: { labels: { a: "b" } } })).toMatchObject({ status: 200 });
  });

  test("an applied null stays where the schema takes one, and only there", async () => {
    const group = "null.example.com";
    const nullable = cronTabs("", group).replace(
      "              image:",
      "              note: {type: string, nullable: true}\n              plain: {type: string}\n              image:",
    );
    await apply(nullable);
    await kubectl("wait", "--for=condition=Established", `crd/crontabs.${group}`, "--timeout=60s");
    const place = `/apis/${group}/v1/namespaces/default/crontabs/one`;
    const applied = async (spec: object, manager: string): Promise<unknown> => {
      const head = { apiVersion: `${group}/v1`, kind: "CronTab", metadata: { name: "one" } };
      const answer = await api.request({
        method: "PATCH",
        path: place,
        query: { fieldManager: manager, force: "true" },
        body: { ...head, spec: { cronSpec: "* * * * *", ...spec } },
        headers: { "content-type": "application/apply-patch+yaml" },
      });
      return (answer.body as { spec: unknown }).spec;
    };
    const rest = { cronSpec: "* * * * *", image: "busybox", replicas: 1 };
    await expect(applied({ note: null, plain: null }, "a")).rejects.toThrow(
      "spec.plain in body must be of type string",
    );
    expect(await applied({ note: null }, "a")).toEqual({ ...rest, note: null });
    expect(await applied({ note: "x", extra: { a: 1 } }, "b")).toEqual({
      ...rest,
      note: "x",
      extra: { a: 1 },
    });
    // What others have put into an object is not taken away by null.
    expect(await applied({ note: null, extra: null }, "a")).toEqual({ ...rest, note: null, extra: { a: 1 } });
    await kubectl("delete", "crd", `crontabs.${group}`);
  });

  test("status has its own door; generations count what is wished for", async () => {
    await apply(cronTab("counted"));
    const both = '{"spec":{"replicas":9},"status":{"replicas":1}}';
    await kubectl("patch", "ct", "counted", "--subresource=status", "--type=merge", "-p", both);
    expect(await field("counted", "{.spec.replicas} {.status.replicas} {.metadata.generation}")).toBe(
      "1 1 1",
    );
    await kubectl("patch", "ct", "counted", "--type=merge", "-p", both);
    expect(await field("counted", "{.spec.replicas} {.metadata.generation}")).toBe("9 2");
  });

  test("kubectl scales it, within what its schema allows", async () => {
    await apply(cronTab("scaled"));
    expect((await kubectl("scale", "ct/scaled", "--replicas=3")).out).toContain("scaled");
    expect(await field("scaled", "{.spec.replicas}")).toBe("3");
    expect((await kubectl("scale", "ct/scaled", "--replicas=30")).err).toContain("less than or equal to 10");
    const status = '{"status":{"replicas":2,"selector":"app=x"}}';
    await kubectl("patch", "ct", "scaled", "--subresource=status", "--type=merge", "-p", status);
    const { body } = await api.request({ method: "GET", path: `${path}/scaled/scale` });
    expect(body).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 2, selector: "app=x" } });
  });

  test("selected by the fields its definition names, and by no other", async () => {
    await apply(cronTab("chosen", ", image: rare"));
    expect((await kubectl("get", "ct", "--field-selector=spec.image=rare", "-o", "name")).out).toBe(
      "crontab.stable.example.com/chosen\n",
    );
    const { err } = await kubectl("get", "ct", "--field-selector=spec.cronSpec=x");
    expect(err).toContain("field label not supported: spec.cronSpec");
  });
});

test("a definition whose rules nobody could keep is refused by name, and one as operators write them is taken", async () => {
  const rule =
    "{type: string, maxLength: 9, x-kubernetes-validations: [{rule: self == oldSelf, fieldPath: .zz}]}";
  const wrong = cronTabs("", "wrong.example.com").replace("items: {type: string}}", `items: ${rule}}`);
  const { err } = await apply(wrong);
  const tags = "spec.validation.openAPIV3Schema.properties[spec].properties[tags].items";
  expect(err).toContain(
    `${tags}.x-kubernetes-validations[0].fieldPath: Invalid value: ".zz": must be a valid path`,
  );
  const unknown = await apply(wrong.replace(", fieldPath: .zz", ""));
  expect(unknown.err).toContain("oldSelf cannot be used on the uncorrelatable portion of the schema within");
  const odd =
    "oddity: {type: object, additionalProperties: false, anyOf: [{properties: {a: {minLength: 1}}}]}";
  const taken = cronTabs("", "odd.example.com").replace(
    "              image:",
    `              ${odd}\n              image:`,
  );
  expect((await apply(taken, "--dry-run=server")).err).toBe("");
});

test("typed clients are told that a custom resource is no protobuf", async () => {
  const type = "application/vnd.kubernetes.protobuf";
  const asked = await tool.api
    .client("https")
    .then((client) =>
      client.request({ method: "GET", path, headers: { accept: type } }).catch((e: unknown) => e),
    );
  expect(asked).toMatchObject({ code: 406 });
});

describe("two definitions", () => {
  test("of one group cannot have the same name: the later one waits until it is free", async () => {
    const second = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: others.stable.example.com}
spec:
  group: stable.example.com
  scope: Cluster
  names: {plural: others, kind: Other, shortNames: [ct]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`;
    await apply(second);
    const waited = await kubectl(
      "wait",
      "--for=condition=NamesAccepted=False",
      "crd/others.stable.example.com",
    );
    expect(waited.out).toContain("condition met");
    const message = '{.status.conditions[?(@.type=="NamesAccepted")].message}';
    const told = await kubectl("get", "crd", "others.stable.example.com", "-o", `jsonpath=${message}`);
    expect(told.out).toBe('"ct" is already in use');
    expect((await kubectl("get", "others")).code).toBe(1);
    await kubectl("delete", "crd", "others.stable.example.com");
  });
});

describe("deleting a definition", () => {
  test("deletes its objects and then stops serving them", async () => {
    const { out } = await kubectl("delete", "crd", definition);
    expect(out).toContain("deleted");
    expect((await kubectl("get", "--raw", path)).err).toContain("the server could not find the requested");
    await apply(cronTabs());
    await kubectl("wait", "--for=condition=Established", `crd/${definition}`, "--timeout=60s");
    expect((await kubectl("get", "ct", "-o", "name")).out).toBe("");
  });

  test("waits for objects that somebody holds", async () => {
    await apply(cronTab("held"));
    const held = '{"metadata":{"finalizers":["example.com/hold"]}}';
    await kubectl("patch", "ct", "held", "--type=merge", "-p", held);
    await kubectl("delete", "crd", definition, "--wait=false");
    await kubectl("wait", "--for=condition=Terminating", `crd/${definition}`, "--timeout=60s");
    expect((await apply(cronTab("late"))).err).toContain(
      "create not allowed while custom resource definition",
    );
    await kubectl("patch", "ct", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    expect((await kubectl("wait", "--for=delete", `crd/${definition}`, "--timeout=60s")).code).toBe(0);
  });
});
