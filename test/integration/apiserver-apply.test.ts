import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
    ["an empty list", []],
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
