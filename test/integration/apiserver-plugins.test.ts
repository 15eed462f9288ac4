import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kubectl, startKubectl } from "../support/kubectl.ts";

let kubectl: Kubectl;

beforeAll(async () => {
  kubectl = await startKubectl();
});

afterAll(() => kubectl.dispose());

async function apply(...objects: object[]) {
  // One after the other: of a List, kubectl checks the fields itself, in other words.
  const texts = objects.map((object) => JSON.stringify({ apiVersion: "berth.dev/v1alpha1", ...object }));
  const file = await kubectl.manifest("objects", texts.join("\n"));
  return kubectl.run("apply", "-f", file);
}

const plugin = (name: string, spec: object) => ({
  kind: "Plugin",
  metadata: { name },
  spec: { contract: "cni", source: { path: "/opt/x" }, dev: true, ...spec },
});
const set = (name: string, spec: object) => ({ kind: "PluginSet", metadata: { name }, spec });
const digest = `sha256:${"0".repeat(64)}`;

test.each([
  [
    "two sources",
    { source: { path: "/opt/x", oci: { reference: "h/x:1" } } },
    "spec.source.oci: Forbidden: may not specify more than 1 source",
  ],
  ["a misspelt key", { sorce: {} }, 'unknown field "spec.sorce" (did you mean "source"?)'],
  ["a misspelt key further down", { source: { pth: "/x" } }, '(did you mean "path"?)'],
  [
    "an unknown contract",
    { contract: "cnii" },
    'spec.contract: Unsupported value: "cnii": supported values: "cni", "cri", "csi", "device"',
  ],
  ["a digest of another form", { digest: "md5:1" }, "spec.digest: Invalid value"],
  [
    "a range of versions",
    { dev: false, digest, source: { npm: { package: "x@^1" } } },
    "spec.source.npm.package",
  ],
  [
    "no tag",
    { dev: false, digest, source: { oci: { reference: "oci.example.com/acme/x" } } },
    "spec.source.oci.reference",
  ],
  [
    "no absolute program",
    { dev: false, digest, source: { executable: { path: "x" } } },
    "spec.source.executable.path",
  ],
  ["no digest", { dev: false }, "spec.digest: Required value"],
  [
    "a login without a namespace",
    { dev: false, digest, source: { oci: { reference: "h/x:1", pullSecret: { name: "acme" } } } },
    "spec.source.oci.pullSecret.namespace: Required value",
  ],
  [
    "a login under no possible name",
    {
      dev: false,
      digest,
      source: { npm: { package: "x@1.0.0", pullSecret: { namespace: "a", name: "A_B" } } },
    },
    "spec.source.npm.pullSecret.name: Invalid value",
  ],
  [
    "a login for a file",
    { dev: false, digest, source: { npm: { package: "/x.tgz", pullSecret: { namespace: "a", name: "b" } } } },
    "spec.source.npm.pullSecret: Forbidden",
  ],
])("a Plugin with %s is refused with the field, and nothing is kept", async (_, spec, reason) => {
  expect((await apply(plugin("wrong", spec))).err).toContain(reason);
  expect((await kubectl.run("get", "plugin", "wrong")).err).toContain("not found");
});

test("a set is held against the Plugins there are: a warning before it is applied, an error from then on", async () => {
  await apply(plugin("cni-bridge", {}), plugin("storage", { contract: "csi" }));
  const draft = await apply(set("draft", { plugins: ["cni-brige"] }));
  expect(draft).toMatchObject({ code: 0 });
  expect(draft.err).toContain(
    'spec.plugins[0]: "cni-brige": there is no Plugin of that name; did you mean cni-bridge?',
  );
  expect((await apply(set("draft", { plugins: ["cni-brige"], revision: 1 }))).err).toContain(
    'spec.plugins[0]: Invalid value: "cni-brige": there is no Plugin of that name; did you mean cni-bridge?',
  );
  expect((await apply(set("odd", { plugins: ["storage"], networkChain: ["storage"] }))).err).toContain(
    'spec.networkChain[0]: Invalid value: "storage": a chain is made of plugins with contract cni; this one has csi',
  );
  expect((await apply(set("twice", { plugins: ["storage", "storage"] }))).err).toContain(
    'spec.plugins[1]: Duplicate value: "storage"',
  );
  expect((await apply(set("good", { plugins: ["cni-bridge"], revision: 2 }))).code).toBe(0);
  const { out } = await kubectl.run("get", "pluginsets");
  expect(out).toMatch(/NAME +STATE +REVISION +PLUGINS +READY +RUNTIME +NETWORK +AGE/);
  expect(out).toMatch(/good +pending +2 +1 +0\/0/);
});
