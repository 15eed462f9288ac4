import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kubectl, podText, startKubectl } from "../support/kubectl.ts";
import { Wire, type WireAnswer } from "../support/wire.ts";

const maps = "/api/v1/namespaces/default/configmaps";
let tool: Kubectl;
let wire: Wire;

beforeAll(async () => {
  tool = await startKubectl();
  wire = await Wire.as(tool.api.server.port, tool.api.kubeconfig);
  await wire.ask("POST", "/api/v1/namespaces/default/serviceaccounts", {
    body: { metadata: { name: "default" } },
  });
  await wire.ask("POST", maps, { body: { metadata: { name: "one" } } });
});

afterAll(() => tool.dispose());

const merge = "application/merge-patch+json";
const apply = "application/apply-patch+yaml";
const unsupported = (value: string, known: string): string =>
  `Unsupported value: ${value}: supported values: ${known}`;
const validations = unsupported('"Foo"', '"", "Ignore", "Strict", "Warn"');

/** Node announces no body of a DELETE by itself. */
const lengthOf = (body: object): string => String(JSON.stringify(body).length);

test.each([
  [
    "POST",
    "?dryRun=Foo&fieldValidation=Foo",
    {},
    "CreateOptions",
    [`dryRun: ${unsupported('["Foo"]', '"All"')}`, `fieldValidation: ${validations}`],
  ],
  [
    "PUT",
    "/one?fieldManager=a%07b",
    {},
    "UpdateOptions",
    [String.raw`fieldManager: Invalid value: "a\u0007b": invalid character U+0007 (at position 1)`],
  ],
  [
    "PATCH",
    "/one?force=true",
    {},
    "PatchOptions",
    ["force: Forbidden: may not be specified for non-apply patch"],
  ],
  [
    "PATCH",
    `/one?fieldManager=${"x".repeat(129)}`,
    {},
    "PatchOptions",
    ["fieldManager: Too long: may not be more than 128 bytes"],
  ],
  ["APPLY", "/one", {}, "PatchOptions", ["fieldManager: Required value: is required for apply patch"]],
  [
    "DELETE",
    // Options in a body leave nothing to those in the query.
    "/one?propagationPolicy=Bar",
    { propagationPolicy: "Foo", dryRun: ["Foo"] },
    "DeleteOptions",
    [
      `propagationPolicy: ${unsupported('"Foo"', '"Foreground", "Background", "Orphan", "nil"')}`,
      `dryRun: ${unsupported('["Foo"]', '"All"')}`,
    ],
  ],
  [
    "DELETE",
    "",
    { orphanDependents: true, propagationPolicy: "Orphan" },
    "DeleteOptions",
    [
      'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
  ],
] as const)("%s %s with %j is refused in the name of the %s", async (verb, path, options, kind, causes) => {
  const isDelete = verb === "DELETE";
  const body = isDelete
    ? { kind: "DeleteOptions", apiVersion: "v1", ...options }
    : { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } };
  const patch = verb === "APPLY" ? apply : verb === "PATCH" ? merge : "application/json";
  const answer = await wire.ask(verb === "APPLY" ? "PATCH" : verb, `${maps}${path}`, {
    body,
    headers: { "content-type": patch, "content-length": lengthOf(body) },
  });
  expect([answer.code, answer.body.reason]).toEqual([422, "Invalid"]);
  const text = causes.length === 1 ? causes[0] : `[${causes.join(", ")}]`;
  expect(answer.body.message).toBe(`${kind}.meta.k8s.io "" is invalid: ${text}`);
  expect(answer.body.details).toMatchObject({ group: "meta.k8s.io", kind });
  expect((await wire.get(`${maps}/one`)).code).toBe(200);
});

test("a precondition that does not hold says what is asked and what is there", async () => {
  const { uid, resourceVersion } = (await wire.get(`${maps}/one`)).body.metadata as unknown as {
    uid: string;
    resourceVersion: string;
  };
  for (const [preconditions, why] of [
    [
      { uid: "other" },
      `the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    ],
    [
      { resourceVersion: "1" },
      `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    ],
  ] as const)
    for (const path of [`${maps}/one`, `${maps}?fieldSelector=metadata.name%3Done`]) {
      const { body } = await wire.ask("DELETE", path, {
        body: { preconditions },
        headers: { "content-length": lengthOf({ preconditions }) },
      });
      expect([body.code, body.reason, body.message]).toEqual([
        409,
        "Conflict",
        `Operation cannot be fulfilled on ConfigMap "one": ${why}`,
      ]);
    }
});

test("a name that was given beside the beginning of one, and is taken, may be tried again", async () => {
  const { body } = await wire.ask("POST", maps, { body: { metadata: { name: "one", generateName: "o" } } });
  expect([body.code, body.reason, body.message]).toEqual([
    409,
    "AlreadyExists",
    'configmaps "one" already exists, the server was not able to generate a unique name for the object',
  ]);
  expect(body.details).toMatchObject({ name: "one", kind: "configmaps", retryAfterSeconds: 1 });
});

test("an eviction that says it is a rehearsal takes no pod: kubectl drain --dry-run=server", async () => {
  await wire.ask("POST", "/api/v1/nodes", { body: { metadata: { name: "n1" } } });
  const manifest = podText("stays").replace(
    "spec:",
    "spec:\n  nodeName: n1\n  tolerations: [{operator: Exists}]",
  );
  expect((await tool.run("create", "-f", await tool.manifest("pod", manifest))).err).toBe("");
  const pod = "/api/v1/namespaces/default/pods/stays";
  const running = { status: { phase: "Running" } };
  await wire.ask("PATCH", `${pod}/status`, { body: running, headers: { "content-type": merge } });
  const drained = await tool.run("drain", "n1", "--force", "--dry-run=server");
  expect(drained.out).toContain("evicting pod default/stays (server dry run)");
  expect((await wire.get(pod)).body.metadata).not.toHaveProperty("deletionTimestamp");
  for (const [dryRun, dies] of [
    [["All"], false],
    [[], true],
  ] as const) {
    const body = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "stays" },
      deleteOptions: { dryRun },
    };
    expect((await wire.ask("POST", `${pod}/eviction`, { body })).code).toBe(201);
    expect("deletionTimestamp" in (await wire.get(pod)).body.metadata).toBe(dies);
  }
});

test("a key that an applied text has twice is told by its line, as clients look for it", async () => {
  const text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: x\n  b: x\n  a: y\n";
  const asked = (validation: string): Promise<WireAnswer> =>
    wire.ask("PATCH", `${maps}/twice?fieldManager=me&fieldValidation=${validation}`, {
      body: text,
      headers: { "content-type": apply },
    });
  const said = 'line 7: key "a" already set in map';
  const { body } = await asked("Strict");
  expect([body.code, body.message]).toEqual([400, `error strict decoding YAML: ${said}`]);
  const warned = await asked("Warn");
  expect([warned.code, warned.headers["warning"]]).toEqual([201, `299 - "${said.replaceAll('"', '\\"')}"`]);
});

test("a grace period of less than none is a second, and a limit of less than one is none", async () => {
  const pods = "/api/v1/namespaces/default/pods";
  const manifest = podText("quick").replace("spec:", "spec:\n  nodeName: n1");
  await tool.run("create", "-f", await tool.manifest("quick", manifest));
  const { body } = await wire.ask("DELETE", `${pods}/quick?gracePeriodSeconds=-5`);
  expect(body.metadata).toMatchObject({ deletionGracePeriodSeconds: 1 });
  const list = await wire.get(`${maps}?limit=-1`);
  expect([list.code, list.body.items.length > 0, list.body.metadata.continue]).toEqual([
    200,
    true,
    undefined,
  ]);
});
