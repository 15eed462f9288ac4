import { describe, expect, test } from "vitest";
import { kinds } from "../kinds/kinds.ts";
import { loadDescriptions, openApiV2, openApiV3 } from "./openapi-documents.ts";

interface Document {
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Record<string, { properties: Record<string, Record<string, unknown>> }> };
}

const options = { descriptions: await loadDescriptions(), serverVersion: "v1.36.0" };
const core = openApiV3(kinds.all(), "", "v1", options) as Document;
const schemas = core.components.schemas;

/** Every reference in a document, wherever it stands. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "$ref" in value && typeof value.$ref === "string" ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

describe("the OpenAPI v3 document of a group and version", () => {
  test("tells descriptions, list keys and patch keys of fields", () => {
    expect(schemas["io.k8s.api.core.v1.PodSpec"]!.properties["containers"]).toMatchObject({
      type: "array",
      items: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }], default: {} },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "name",
    });
    const description = schemas["io.k8s.api.core.v1.PodSpec"]!.properties["containers"]![
      "description"
    ] as string;
    expect(description).toContain("List of containers belonging to the pod.");
  });

  test("names the kind on types and operations, and takes fieldValidation and dryRun in patches", () => {
    const kind = { group: "", version: "v1", kind: "Pod" };
    expect(schemas["io.k8s.api.core.v1.Pod"]).toMatchObject({ "x-kubernetes-group-version-kind": [kind] });
    const { patch } = core.paths["/api/v1/namespaces/{namespace}/pods/{name}"]!;
    expect(patch).toMatchObject({ "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": kind });
    const names = (patch!["parameters"] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["fieldValidation", "dryRun"]));
  });

  test("is there for our own kinds, explained", () => {
    const own = openApiV3(kinds.all(), "berth.dev", "v1alpha1", options) as Document;
    const { contract } = own.components.schemas["dev.berth.v1alpha1.PluginSpec"]!.properties;
    expect(contract).toMatchObject({ type: "string", enum: ["cri", "csi", "cni", "device"] });
    expect(contract!["description"]).toContain("contract the plugin serves");
  });

  test("says something of every field of every kind, but of the types that upstream says nothing of", () => {
    const versions = new Map(
      kinds.all().map(({ group, version }) => [`${group}/${version}`, { group, version }]),
    );
    const silent = [...versions.values()].flatMap(({ group, version }) => {
      const { components } = openApiV3(kinds.all(), group, version, options) as Document;
      return Object.entries(components.schemas).flatMap(([type, { properties }]) =>
        // A type of no members has no properties.
        Object.entries({ ...properties })
          .filter(([, { description }]) => !description)
          .map(([field]) => `${type.split(".").at(-1)}.${field}`),
      );
    });
    expect(
      silent.filter(
        (field) => !/^(JSONSchemaProps|ExternalDocumentation|GroupResource|WatchEvent)\./.test(field),
      ),
    ).toEqual([]);
    expect(schemas["io.k8s.api.core.v1.PodSpec"]!.properties["dnsConfig"]).toHaveProperty("description");
  });

  test("is not there for a group nobody serves", () => {
    expect(openApiV3(kinds.all(), "nowhere", "v1", options)).toBeUndefined();
  });
});

test("no reference leads nowhere, in any document", () => {
  const versions = new Set(kinds.all().map(({ group, version }) => `${group}/${version}`));
  const documents = [...versions].map((name) => {
    const [group, version] = name.split("/") as [string, string];
    return openApiV3(kinds.all(), group, version, options) as Document;
  });
  const missing = documents.flatMap((document) =>
    references(document).filter(
      (target) => !Object.hasOwn(document.components.schemas, target.slice("#/components/schemas/".length)),
    ),
  );
  expect(missing).toEqual([]);
  const v2 = openApiV2(kinds.all(), options) as { definitions: object; parameters: object };
  const lost = references(v2).filter((target) => {
    const [, section, name] = target.split("/") as [string, "definitions" | "parameters", string];
    return !Object.hasOwn(v2[section], name);
  });
  expect(lost).toEqual([]);
});
