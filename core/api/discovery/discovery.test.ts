import { expect, test } from "vitest";
import { kinds } from "../kinds/kinds.ts";
import { aggregatedDiscovery } from "./aggregated-discovery.ts";
import { compareVersions } from "./groups.ts";
import { apiGroup, coreVersions, groupList, resourceList } from "./legacy-discovery.ts";

const all = kinds.all();

test("versions are ordered as clients prefer them", () => {
  const versions = ["v1alpha1", "v1beta1", "foo", "v2", "v1", "v1beta2", "v10"];
  expect(versions.toSorted(compareVersions)).toEqual([
    "v10",
    "v2",
    "v1",
    "v1beta2",
    "v1beta1",
    "v1alpha1",
    "foo",
  ]);
});

test("the core group has its own document, the others a list with the preferred version", () => {
  expect(coreVersions(all, "10.0.0.1:6443")).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
  const { groups } = groupList(all) as { groups: { name: string }[] };
  expect(groups.map(({ name }) => name)).not.toContain("");
  expect(groups.find(({ name }) => name === "autoscaling")).toEqual({
    name: "autoscaling",
    versions: [
      { groupVersion: "autoscaling/v2", version: "v2" },
      { groupVersion: "autoscaling/v1", version: "v1" },
    ],
    preferredVersion: { groupVersion: "autoscaling/v2", version: "v2" },
  });
  expect(apiGroup(all, "apps")).toMatchObject({ kind: "APIGroup", name: "apps" });
  expect(apiGroup(all, "nowhere")).toBeUndefined();
});

test("a subresource that speaks another group's kind says so", () => {
  const { resources } = resourceList(all, "", "v1") as { resources: Record<string, unknown>[] };
  expect(resources.find(({ name }) => name === "pods/eviction")).toEqual({
    name: "pods/eviction",
    singularName: "",
    namespaced: true,
    group: "policy",
    version: "v1",
    kind: "Eviction",
    verbs: ["create"],
  });
  expect(resources.find(({ name }) => name === "pods/status")).not.toHaveProperty("version");
  expect(resourceList(all, "apps", "v9")).toBeUndefined();
});

test("the aggregated document holds the same kinds", () => {
  const { items } = aggregatedDiscovery(all, "groups") as {
    items: {
      metadata: { name: string };
      versions: { version: string; resources: Record<string, unknown>[] }[];
    }[];
  };
  const berth = items.find(({ metadata }) => metadata.name === "berth.dev")!;
  expect(berth.versions[0]!.resources.map(({ resource, scope }) => [resource, scope])).toEqual([
    ["plugins", "Cluster"],
    ["pluginsets", "Cluster"],
    ["plugininstances", "Cluster"],
  ]);
});
