import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cronTabs } from "../support/custom-resources.ts";
import { type Kubectl, startKubectl } from "../support/kubectl.ts";
import { swaggerOfProtobuf } from "../support/swagger-of-protobuf.ts";
import { Wire } from "../support/wire.ts";

const asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
let tool: Kubectl;
let wire: Wire;

beforeAll(async () => {
  tool = await startKubectl();
  wire = await Wire.as(tool.api.server.port, tool.api.kubeconfig);
});

afterAll(() => tool.dispose());

interface Swagger {
  readonly paths: Readonly<Record<string, unknown>>;
  readonly definitions: Readonly<Record<string, Record<string, unknown>>>;
}

async function inBoth(): Promise<{ json: Swagger; protobuf: Swagger }> {
  const protobuf = await wire.get("/openapi/v2", { accept: asked });
  expect(protobuf.headers["content-type"]).toBe(asked.replace("@", "."));
  return {
    json: JSON.parse((await wire.get("/openapi/v2")).text) as Swagger,
    protobuf: swaggerOfProtobuf(protobuf.bytes) as unknown as Swagger,
  };
}

function different(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): unknown[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => !isDeepStrictEqual(one[name], other[name]))
    .map((name) => [name, one[name], other[name]]);
}

test("says in protobuf all that it says in JSON", async () => {
  const { json, protobuf } = await inBoth();
  expect(Object.keys(protobuf.definitions).length).toBeGreaterThan(500);
  expect(different(protobuf.definitions, json.definitions)).toEqual([]);
  expect(different(protobuf.paths, json.paths)).toEqual([]);
  expect(protobuf).toEqual(json);
});

test("has a tag, is compressed, and says nothing new to who knows it", async () => {
  const answer = await wire.get("/openapi/v2", { accept: asked, "accept-encoding": "gzip" });
  const tag = answer.headers["etag"]!;
  expect([answer.code, tag, answer.headers["content-encoding"]]).toEqual([
    200,
    expect.stringMatching(/^"/),
    "gzip",
  ]);
  expect(answer.headers["vary"]).toContain("Accept");
  expect(Object.keys(swaggerOfProtobuf(gunzipSync(answer.bytes)))).toContain("definitions");
  const again = await wire.get("/openapi/v2", { accept: asked, "if-none-match": tag });
  expect([again.code, again.bytes.length, again.headers["etag"]]).toEqual([304, 0, tag]);
  // It is another form, and so another answer.
  expect((await wire.get("/openapi/v2")).headers["etag"]).not.toBe(tag);
});

/** Everything that 2.0 cannot say, or that its clients cannot read. */
const oddities = `
                note: {type: string, nullable: true, minLength: 0, description: May be none.}
                bag: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: string}}}
                anything: {type: array, x-kubernetes-preserve-unknown-fields: true, items: {type: object}}
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                level: {type: integer, minimum: -1, maximum: 9223372036854775807, default: 9007199254740993}
                mode: {type: string, enum: [a, "true", "1"], default: "true"}
                byName: {type: object, additionalProperties: {type: array, items: {type: number}}}
                template: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}
                loose: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}`;

test("says of a custom kind what 2.0 can say, and has nothing that its clients refuse", async () => {
  const text = cronTabs().replace("required: [cronSpec]", "required: [cronSpec, note]");
  const at = "            properties:\n              cronSpec";
  const kind = await tool.manifest(
    "kind",
    text.replace(at, at.replace("\n", `${oddities.replaceAll("\n  ", "\n")}\n`)),
  );
  expect((await tool.run("apply", "-f", kind)).err).toBe("");
  const name = "com.example.stable.v1.CronTab";
  const has = async (): Promise<boolean> => name in (await inBoth()).protobuf.definitions;
  await expect.poll(has, { timeout: 60_000, interval: 200 }).toBe(true);
  const { json, protobuf } = await inBoth();
  // A number of protobuf that is zero is none.
  const { minLength, ...note } = spec(json)["note"] as { minLength: number };
  expect([minLength, spec(protobuf)["note"]]).toEqual([0, note]);
  expect(spec(protobuf)).toEqual({ ...spec(json), note });
  const open = { "x-kubernetes-preserve-unknown-fields": true };
  const embedded = { "x-kubernetes-embedded-resource": true };
  const { properties: template, ...ofTemplate } = spec(protobuf)["template"] as { properties: object };
  expect(Object.keys(template)).toEqual(["spec", "apiVersion", "kind", "metadata"]);
  expect(ofTemplate).toEqual({ type: "object", required: ["kind", "apiVersion"], ...embedded });
  expect(spec(protobuf)).toMatchObject({ bag: open, anything: open, loose: { ...open, ...embedded } });
  for (const untyped of ["note", "bag", "anything", "loose", "port"])
    for (const said of ["type", "items", "properties", "anyOf"])
      expect([untyped, spec(protobuf)[untyped]]).not.toHaveProperty([1, said]);
  expect(protobuf.definitions[name]).toHaveProperty(["properties", "spec", "required"], ["cronSpec"]);
});

test("kubectl holds every object of a list against it, and takes what fits", async () => {
  const list = (port: string, extra: string): string => `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: one}
  spec: {selector: {a: b}, ports: [{port: 80, targetPort: ${port}}]${extra}}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: two}
  spec:
    selector: {matchLabels: {a: b}}
    template:
      metadata: {labels: {a: b}}
      spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1.5}}}]}
`;
  const wrong = await tool.run("create", "-f", await tool.manifest("wrong", list("8080", ", colour: red")));
  expect(wrong.err).toContain('unknown field "colour" in io.k8s.api.core.v1.ServiceSpec');
  for (const port of ["8080", "http"]) {
    const file = await tool.manifest(port, list(port, ""));
    expect((await tool.run("create", "--dry-run=server", "-f", file)).err).toBe("");
  }
});

interface OfSpec {
  readonly spec: { readonly properties: Readonly<Record<string, unknown>> };
}
const spec = ({ definitions }: Swagger): Readonly<Record<string, unknown>> =>
  (definitions["com.example.stable.v1.CronTab"]!["properties"] as OfSpec).spec.properties;
