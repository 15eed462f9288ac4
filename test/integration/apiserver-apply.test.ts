import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiResponse, httpsTransport, readKubeconfig } from "../../core/client/index.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const manifest = (name: string, text: string): Promise<string> => tool.manifest(name, text);

beforeAll(async () => {
  tool = await startKubectl();
  await kubectl("create", "serviceaccount", "default");
});

afterAll(() => tool.dispose());

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
    expect(refused.err).toContain('conflict with "a": .data.x');
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

  const owners = async (): Promise<unknown> => {
    const path = "jsonpath={range .metadata.managedFields[*]}{.manager} {.operation};{end}";
    return (await kubectl("get", "configmap", "owned", "--show-managed-fields", "-o", path)).out;
  };
  const say = (managedFields: unknown, ...args: string[]): Promise<Outcome> => {
    const patch = JSON.stringify({ metadata: { managedFields } });
    return kubectl("patch", "configmap", "owned", "--type=merge", "-p", patch, ...args);
  };
  const entry = { manager: "c", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1" };

  test.each([
    ["an entry without a type", [{ ...entry, fieldsType: "", fieldsV1: {} }]],
    ["an entry without fields", [entry]],
  ])("%s of owners changes none", async (_, managedFields) => {
    expect((await say(managedFields)).code).toBe(0);
    expect(await owners()).toBe("b Apply;");
  });

  test("owners are whom a writer names, of what is there", async () => {
    const fieldsV1 = { "f:data": { "f:x": {}, "f:gone": {} }, "f:metadata": { "f:name": {} }, "k:{": {} };
    const named = { ...entry, operation: "Apply", fieldsV1 };
    const refused = await say([{ ...named, operation: "Own" }]);
    expect(refused.err).toContain(
      'metadata.managedFields[0].operation: Invalid value: "Own": must be `Apply` or `Update`',
    );
    expect((await say([named])).code).toBe(0);
    expect(await owners()).toBe("c Apply;");
    expect((await apply("c", "w: '1'")).code).toBe(0);
    expect(await data()).toEqual({ w: "1" });
  });

  test("a single empty entry ends the tracking", async () => {
    expect((await say([{}])).code).toBe(0);
    expect(await owners()).toBe("");
  });
});

describe("who owns what, in kubectl's words", () => {
  const deployment = (replicas: number, image = "web:1"): string =>
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", ports: [{containerPort: 80}]}]}
`;
  interface Entry {
    manager: string;
    operation: string;
    subresource?: string;
    apiVersion: string;
    time: string;
    fieldsV1: Record<string, unknown>;
  }
  async function owners(...what: string[]): Promise<Entry[]> {
    const { out } = await kubectl("get", ...what, "--show-managed-fields", "-o", "json");
    return (JSON.parse(out) as { metadata: { managedFields: Entry[] } }).metadata.managedFields;
  }
  const told = (entries: Entry[]): string[] =>
    entries.map((one) => `${one.manager} ${one.operation} ${one.apiVersion} ${one.subresource ?? "-"}`);

  test("a create has an owner for all that it said and what was filled in, but for what admission added", async () => {
    const file = await manifest("web", deployment(1));
    expect((await kubectl("apply", "-f", file)).code).toBe(0);
    const [entry, ...more] = await owners("deployment", "web");
    expect(more).toEqual([]);
    expect(told([entry!])).toEqual(["kubectl-client-side-apply Update apps/v1 -"]);
    expect(Date.parse(entry!.time)).toBeGreaterThan(0);
    const itself = { ".": {} };
    expect(entry!.fieldsV1).toEqual({
      "f:metadata": {
        "f:annotations": { ...itself, "f:kubectl.kubernetes.io/last-applied-configuration": {} },
      },
      "f:spec": {
        "f:progressDeadlineSeconds": {},
        "f:replicas": {},
        "f:revisionHistoryLimit": {},
        "f:selector": {},
        "f:strategy": {
          "f:rollingUpdate": { ...itself, "f:maxSurge": {}, "f:maxUnavailable": {} },
          "f:type": {},
        },
        "f:template": {
          "f:metadata": { "f:labels": { ...itself, "f:app": {} } },
          "f:spec": {
            "f:containers": {
              'k:{"name":"web"}': {
                ...itself,
                "f:image": {},
                "f:imagePullPolicy": {},
                "f:name": {},
                "f:ports": {
                  ...itself,
                  'k:{"containerPort":80,"protocol":"TCP"}': {
                    ...itself,
                    "f:containerPort": {},
                    "f:protocol": {},
                  },
                },
                "f:resources": {},
                "f:terminationMessagePath": {},
                "f:terminationMessagePolicy": {},
              },
            },
            "f:dnsPolicy": {},
            "f:restartPolicy": {},
            "f:schedulerName": {},
            "f:securityContext": {},
            "f:terminationGracePeriodSeconds": {},
          },
        },
      },
    });
    await kubectl("run", "p", "--image=x:1");
    const [pod] = await owners("pod", "p");
    expect(told([pod!])).toEqual(["kubectl-run Update v1 -"]);
    expect(JSON.stringify(pod!.fieldsV1)).not.toContain("f:volumes");
    await kubectl("create", "configmap", "plain", "--from-literal=a=1");
    expect(told(await owners("configmap", "plain"))).toEqual(["kubectl-create Update v1 -"]);
  });

  test("what became empty is gone with the last of it", async () => {
    const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: emptied";
    const bare = await manifest("bare", `${head}}`);
    const full = `${head}, labels: {a: '1'}, annotations: {a: '1'}, finalizers: [example.com/a]}\ndata: {a: '1'}`;
    await kubectl("create", "-f", bare);
    const patch = (part: object): Promise<Outcome> =>
      kubectl("patch", "configmap", "emptied", "--type=merge", "-p", JSON.stringify(part));
    const put = (value: string | null, finalizers: string[]): object => ({
      metadata: { labels: { b: value }, annotations: { b: value }, finalizers },
      data: { b: value },
    });
    // Somebody else made the maps and lists around what is applied, and has nothing left in them.
    await patch(put("1", ["example.com/b"]));
    await kubectl("apply", "--server-side", "-f", await manifest("full", full));
    await patch(put(null, ["example.com/a"]));
    expect((await kubectl("apply", "--server-side", "-f", bare)).err).toBe("");
    const { out } = await kubectl("get", "configmap", "emptied", "--show-managed-fields", "-o", "json");
    const { data, metadata } = JSON.parse(out) as { data?: object; metadata: object };
    expect([data, Object.keys(metadata).toSorted()]).toEqual([
      undefined,
      ["creationTimestamp", "managedFields", "name", "namespace", "resourceVersion", "uid"],
    ]);
  });

  test("a conflict names the true manager; more than one are listed by owner; force takes over", async () => {
    const file = await manifest("web", deployment(2, "web:2"));
    const args = ["apply", "--server-side", "--field-manager=ci", "-f", file];
    const refused = await kubectl(...args);
    expect(refused.err).toContain(
      'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:\n' +
        "- .spec.replicas\n" +
        '- .spec.template.spec.containers[name="web"].image\n',
    );
    expect((await kubectl(...args, "--force-conflicts")).code).toBe(0);
    // kubectl hands what it once applied by itself to the new manager.
    expect(told(await owners("deployment", "web"))).toEqual(["ci Apply apps/v1 -"]);
  });

  test("writes through scale and status are told by their subresource", async () => {
    expect((await kubectl("scale", "deployment/web", "--replicas=5")).code).toBe(0);
    const status = '{"status":{"observedGeneration":1}}';
    const patch = ["patch", "deployment", "web", "--subresource=status", "--type=merge", "-p", status];
    expect((await kubectl(...patch)).code).toBe(0);
    const entries = await owners("deployment", "web");
    expect(told(entries)).toEqual(
      expect.arrayContaining(["kubectl Update apps/v1 scale", "kubectl-patch Update apps/v1 status"]),
    );
    const conflict = await kubectl(
      "apply",
      "--server-side",
      "--field-manager=ci",
      "-f",
      await manifest("web", deployment(2, "web:2")),
    );
    expect(conflict.err).toContain(
      'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
    );
  });

  test("a Scale is applied too, and what it says is owned as the object's own field", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments/web/scale";
    const transport = httpsTransport(await readKubeconfig(tool.api.kubeconfig));
    const apply = (manager: string, spec: object, force = "false"): Promise<ApiResponse> =>
      transport.call({
        method: "PATCH",
        path,
        query: { fieldManager: manager, force },
        contentType: "application/apply-patch+yaml",
        body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec },
      });
    try {
      expect((await apply("hpa", { replicas: 7 }, "true")).body).toMatchObject({
        kind: "Scale",
        spec: { replicas: 7 },
      });
      expect(told(await owners("deployment", "web"))).toContain("hpa Apply apps/v1 scale");
      await expect(apply("other", { replicas: 8 })).rejects.toThrow(
        'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale": .spec.replicas',
      );
      await expect(apply("hpa", { replicas: 7, foo: 1 })).rejects.toThrow(
        "failed to create typed patch object (/web; autoscaling/v1, Kind=Scale): .spec.foo: field not declared in schema",
      );
      const { out } = await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}");
      expect(out).toBe("7");
    } finally {
      transport.dispose();
    }
  });

  test("kubectl goes from applying by itself to the server with another value and without force", async () => {
    const map = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: moved}\ndata: {a: "${value}", b: "1"}\n`;
    await kubectl("apply", "-f", await manifest("moved", map("1")));
    const moved = await kubectl("apply", "--server-side", "-f", await manifest("moved", map("2")));
    expect(moved.err + moved.out).toBe("configmap/moved serverside-applied\n");
    expect(told(await owners("configmap", "moved"))).toEqual(expect.arrayContaining(["kubectl Apply v1 -"]));
    expect(told(await owners("configmap", "moved")).join()).not.toContain("client-side");
    await kubectl("apply", "--server-side", "-f", await manifest("moved", map("2").replace(', b: "1"', "")));
    expect((await kubectl("get", "configmap", "moved", "-o", "jsonpath={.data}")).out).toBe('{"a":"2"}');
  });

  test("a client that names no manager is known by the first part of its User-Agent", async () => {
    const transport = httpsTransport({
      ...(await readKubeconfig(tool.api.kubeconfig)),
      agent: "robot/v1 (linux)",
    });
    await transport.call({
      method: "POST",
      path: "/api/v1/namespaces/default/configmaps",
      body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "robot" }, data: { a: "1" } },
    });
    transport.dispose();
    expect(told(await owners("configmap", "robot"))).toEqual(["robot Update v1 -"]);
  });
});
