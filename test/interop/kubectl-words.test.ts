import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);

beforeAll(async () => {
  tool = await startKubectl();
  await kubectl("create", "deployment", "web", "--image=busybox");
  await kubectl("create", "secret", "generic", "pass", "--from-literal=word=swordfish");
});

afterAll(() => tool.dispose());

const deployment = (more: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  ${more}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: busybox, imag: twice}]}
`;

/** kubectl asks for Warn in a patch of its own; apply asks for Strict. */
const raw = (type: string, query: string, body: string): Promise<Outcome> =>
  kubectl("patch", "deployment", "web", `--type=${type}`, `-p=${body}`, ...query.split(" ").filter(Boolean));

describe("what is wrong with a patch, in the words of a real server", () => {
  test("apply names an unknown field of the patch it sends", async () => {
    const file = await tool.manifest("web", deployment("foo: 1"));
    const { code, err } = await kubectl("apply", "-f", file);
    expect(code).toBe(1);
    expect(err).toContain('The request is invalid: patch: Invalid value: "map[metadata:map[annotations:map[');
    expect(err).toMatch(/: strict decoding error: .*unknown field "spec\.foo"/);
    expect(err).toContain('unknown field "spec.template.spec.containers[0].imag"');
  });

  test("server-side apply says what the schema does not declare, whatever --validate says", async () => {
    const file = await tool.manifest("web", deployment("foo: 1"));
    for (const validate of ["strict", "ignore"]) {
      const { code, err } = await kubectl("apply", "--server-side", `--validate=${validate}`, "-f", file);
      expect(code).toBe(1);
      expect(err).toBe(
        "Error from server: failed to create typed patch object (default/web; apps/v1, Kind=Deployment): " +
          "errors:\n  .spec.foo: field not declared in schema" +
          '\n  .spec.template.spec.containers[name="main"].imag: field not declared in schema\n',
      );
    }
  });

  test("a wrong type, strategic, merge and JSON", async () => {
    const asked = '{"spec":{"replicas":"x"}}';
    const told =
      "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32\n";
    const { err } = await raw("strategic", "", asked);
    expect(err).toBe(
      'The request is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": unrecognized type: int32\n',
    );
    const operations = '[{"op":"replace","path":"/spec/replicas","value":"x"}]';
    for (const outcome of [await raw("merge", "", asked), await raw("json", "", operations)]) {
      expect(outcome.err).toContain(
        'The request is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"apps/v1\\"',
      );
      expect(outcome.err.endsWith(told)).toBe(true);
    }
  });

  test("an operation that does not fit, and an item without its merge key", async () => {
    const remove = await raw("json", "", '[{"op":"remove","path":"/spec/foo"}]');
    expect(remove.err).toBe(
      "The request is invalid: the server rejected our request due to an error in our request\n",
    );
    const nameless = await raw(
      "strategic",
      "",
      '{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}',
    );
    expect(nameless.err).toContain("map[image:x] does not contain declared merge key: name");
  });

  test("a repeated field of a patch is told", async () => {
    const { err } = await raw("merge", "", '{"spec":{"replicas":2,"replicas":1}}');
    expect(err).toContain('duplicate field "spec.replicas"');
  });

  test("nothing of a Secret is shown", async () => {
    for (const [type, why] of [
      ["merge", "json: cannot unmarshal string"],
      ["strategic", "unrecognized type: bool"],
    ]) {
      const { err } = await kubectl("patch", "secret", "pass", `--type=${type}`, '-p={"immutable":"x"}');
      expect(err).toContain(`The request is invalid: patch: Invalid value: ${why}`);
    }
  });
});
