import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiClient } from "../../core/client/index.ts";
import { type ConversionWebhook, startConversionWebhook } from "../support/conversion-webhook.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";

let tool: Kubectl;
let api: ApiClient;
let webhook: ConversionWebhook;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const name = "networks.example.com";

/** v1alpha1 says `size`, v1 says `replicas` and `mode`. */
interface Old {
  size?: number;
}

const definition = (storage: string, ...versions: string[]): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: networks, kind: Network}
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1]
      clientConfig: {url: "${webhook.url}", caBundle: ${webhook.caBundle}}
  versions:${versions.map((version) => versionText(version, version === storage)).join("")}
`;

const schemas: Readonly<Record<string, string>> = {
  v1alpha1: "size: {type: integer}",
  v1: `replicas: {type: integer, maximum: 5}
              mode: {type: string, default: simple}
            x-kubernetes-validations:
            - {rule: "self.mode == oldSelf.mode", message: mode is immutable}
            - {rule: "self.mode != 'odd' || self.replicas % 2 == 1", messageExpression: "'odd mode takes no ' + string(self.replicas)"}`,
};

const versionText = (version: string, storage: boolean): string => `
  - name: ${version}
    served: true
    storage: ${storage}
    deprecated: ${version === "v1alpha1"}
    selectableFields: [{jsonPath: .spec.${version === "v1" ? "replicas" : "size"}}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              ${schemas[version]!}`;

function convert(object: Record<string, unknown>, to: string): Record<string, unknown> {
  const spec = object["spec"] as Record<string, unknown>;
  if (spec["size"] === 13 || spec["replicas"] === 13) throw new Error("thirteen is not converted");
  const { size, ...rest } = spec as Old;
  const { replicas, ...old } = spec;
  const converted = to === "example.com/v1" ? { ...rest, replicas: size } : { ...old, size: replicas };
  return { ...object, apiVersion: to, spec: converted };
}

async function apply(text: string): Promise<Outcome> {
  return kubectl("apply", "-f", await tool.manifest("object", text));
}

const network = (version: string, called: string, spec: string): string =>
  `apiVersion: example.com/${version}\nkind: Network\nmetadata: {name: ${called}}\nspec: {${spec}}\n`;

async function specOf(version: string, called: string): Promise<unknown> {
  const { out, err } = await kubectl(
    "get",
    `networks.${version}.example.com`,
    called,
    "-o",
    "jsonpath={.spec}",
  );
  return out === "" ? err : JSON.parse(out);
}

beforeAll(async () => {
  tool = await startKubectl();
  api = await tool.api.client("https");
  webhook = await startConversionWebhook(tool.api.pki, convert);
});

afterAll(async () => {
  await tool.dispose();
  await webhook.dispose();
});

describe("a kind that grows from v1alpha1 to v1", () => {
  test("begins with one version, told to be deprecated", async () => {
    await apply(definition("v1alpha1", "v1alpha1"));
    await kubectl("wait", "--for=condition=Established", `crd/${name}`, "--timeout=60s");
    const { out, err } = await apply(network("v1alpha1", "first", "size: 2"));
    expect(out).toContain("created");
    expect(err).toContain("Warning: example.com/v1alpha1 Network is deprecated");
  });

  test("an object of the old version is seen in the new one, converted, without the defaults that the stored version lacks", async () => {
    await apply(definition("v1alpha1", "v1alpha1", "v1"));
    expect(await specOf("v1", "first")).toEqual({ replicas: 2 });
    expect(await specOf("v1alpha1", "first")).toEqual({ size: 2 });
  });

  test("the new version becomes the stored one, and both are known to lie in the store", async () => {
    await apply(definition("v1", "v1alpha1", "v1"));
    const stored = await kubectl("get", "crd", name, "-o", "jsonpath={.status.storedVersions}");
    expect(JSON.parse(stored.out)).toEqual(["v1alpha1", "v1"]);
    await apply(network("v1", "second", "replicas: 3"));
    expect(await specOf("v1alpha1", "second")).toEqual({ size: 3 });
    const refused = await apply(definition("v1", "v1"));
    expect(refused.err).toContain(
      "v1alpha1 was previously a storage version, and must remain in spec.versions",
    );
  });

  test("a patch of one version changes what the other shows; a list converts all at once", async () => {
    await kubectl(
      "patch",
      "networks.v1alpha1.example.com",
      "first",
      "--type=merge",
      "-p",
      '{"spec":{"size":4}}',
    );
    expect(await specOf("v1", "first")).toMatchObject({ replicas: 4 });
    await apply(network("v1", "third", "replicas: 1"));
    const before = webhook.reviews.count;
    const list = await kubectl(
      "get",
      "networks.v1alpha1.example.com",
      "-o",
      "jsonpath={.items[*].spec.size}",
    );
    expect(list.out).toBe("4 3 1");
    expect(webhook.reviews.count - before).toBeLessThanOrEqual(1);
  });

  test("a field selector looks at the version that is asked", async () => {
    const { out } = await kubectl(
      "get",
      "networks.v1alpha1.example.com",
      "--field-selector=spec.size=3",
      "-o",
      "name",
    );
    expect(out).toBe("network.example.com/second\n");
  });

  test("a watch of the old version sees what is written to the new one, in its own form", async () => {
    const stop = new AbortController();
    const watch = api
      .resource<{ metadata: { name: string }; spec: Old }>({
        group: "example.com",
        version: "v1alpha1",
        resource: "networks",
        namespaced: true,
      })
      .watch({ namespace: "default", fieldSelector: "spec.size=5", signal: stop.signal });
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const event of watch) {
        if (event.type === "BOOKMARK") continue;
        seen.push([event.type, event.object.metadata.name, event.object.spec.size]);
        if (seen.length === 2) return;
      }
    })();
    await apply(network("v1", "watched", "replicas: 5"));
    await apply(network("v1", "watched", "replicas: 1"));
    await reading;
    stop.abort();
    expect(seen).toEqual([
      ["ADDED", "watched", 5],
      ["DELETED", "watched", 5],
    ]);
  });

  test("a webhook that fails is told with its own words, and nothing is stored", async () => {
    const { err } = await apply(network("v1alpha1", "unlucky", "size: 13"));
    expect(err).toContain(
      "conversion webhook for example.com/v1alpha1, Kind=Network failed: thirteen is not converted",
    );
    expect((await kubectl("get", "networks.v1.example.com", "unlucky")).err).toContain("not found");
  });
});

describe("rules in the expression language", () => {
  test("are told with their messages", async () => {
    const made = await apply(network("v1", "ruled", "replicas: 2, mode: odd"));
    expect(made.err).toContain("spec: Invalid value: odd mode takes no 2");
    await apply(network("v1", "ruled", "replicas: 3, mode: odd"));
    const changed = await apply(network("v1", "ruled", "replicas: 3, mode: simple"));
    expect(changed.err).toContain("spec: Invalid value: mode is immutable");
  });

  test("are not looked at while the value itself is wrong", async () => {
    const { err } = await apply(network("v1", "both", "replicas: text, mode: odd"));
    expect(err).toContain("spec.replicas in body must be of type integer");
    expect(err).toContain("some validation rules were not checked because the object was invalid");
  });

  test("of a definition must compile", async () => {
    const text = definition("v1", "v1alpha1", "v1").replace("self.mode == oldSelf.mode", "self.wrong == 1");
    expect((await apply(text)).err).toContain("undefined field 'wrong'");
  });
});
