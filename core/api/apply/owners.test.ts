import { expect, test } from "vitest";
import type { JsonObject } from "../json/json-value.ts";
import { claimedFields, compareFields } from "./compare-fields.ts";
import { pathsIn, shownPath, union } from "./field-set.ts";
import { applyFields, type ManagedFieldsEntry, trackUpdate } from "./managed-fields.ts";

const type = "core.v1.ConfigMap";

function configMap(data: JsonObject, meta: JsonObject = {}): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", ...meta }, data };
}

function entry(manager: string, operation: "Apply" | "Update", fieldsV1: JsonObject): ManagedFieldsEntry {
  const time = "2026-01-01T00:00:00Z";
  return { manager, operation, apiVersion: "v1", time, fieldsType: "FieldsV1", fieldsV1 };
}

const writer = (manager: string, apiVersion = "v1") => ({
  manager,
  apiVersion,
  subresource: "",
  time: "2026-01-02T00:00:00Z",
});

const owned = ({ managedFields }: { managedFields: ManagedFieldsEntry[] }): object =>
  managedFields.map(({ manager, fieldsV1 }) => [manager, fieldsV1]);

test("who takes away a field by a plain write owns it no longer, and keeps the rest", () => {
  const managedFields = trackUpdate({
    type,
    before: configMap({ a: "1", b: "1", c: "1" }),
    after: configMap({ b: "2", c: "1" }),
    managedFields: [entry("x", "Update", { "f:data": { "f:a": {}, "f:b": {}, "f:c": {} } })],
    writer: writer("x"),
  });
  expect(owned({ managedFields })).toEqual([["x", { "f:data": { "f:b": {}, "f:c": {} } }]]);
});

test("an applier is one in every version of the API, an updater is another in each", () => {
  const fields = { "f:data": { "f:a": {}, "f:b": {} } };
  const applied = applyFields({
    type,
    live: configMap({ a: "1", b: "1" }),
    applied: configMap({ b: "1" }),
    managedFields: [entry("x", "Apply", fields)],
    writer: writer("x", "v2"),
    force: false,
  });
  expect(applied.object["data"]).toEqual({ b: "1" });
  expect(owned(applied)).toEqual([["x", { "f:data": { "f:b": {} } }]]);
  const updated = trackUpdate({
    type,
    before: configMap({ a: "1" }),
    after: configMap({ a: "2" }),
    managedFields: [entry("x", "Update", { "f:data": { "f:b": {} } })],
    writer: writer("x", "v2"),
  });
  expect(updated.map(({ apiVersion }) => apiVersion).toSorted()).toEqual(["v1", "v2"]);
});

test("those who wrote longest ago become one for each version of the API", () => {
  const old = Array.from({ length: 12 }, (_, at) => ({
    ...entry(`w${at}`, "Update", { "f:data": { [`f:${at}`]: {} } }),
    apiVersion: at % 2 === 0 ? "v1" : "v2",
    time: `2025-01-01T00:00:${String(at).padStart(2, "0")}Z`,
  }));
  const managedFields = trackUpdate({
    type,
    before: configMap({ a: "1" }),
    after: configMap({ a: "2" }),
    managedFields: old,
    writer: writer("x"),
  });
  const ancient = managedFields.filter(({ manager }) => manager === "ancient-changes");
  expect(ancient.map(({ apiVersion, fieldsV1 }) => [apiVersion, fieldsV1])).toEqual([
    ["v1", { "f:data": { "f:0": {}, "f:2": {} } }],
    ["v2", { "f:data": { "f:1": {}, "f:3": {} } }],
  ]);
  expect(managedFields).toHaveLength(11);
});

test("an item of a set is there once, whoever says it", () => {
  const applied = applyFields({
    type,
    live: configMap({}, { finalizers: ["a/x", "b/y"] }),
    applied: configMap({}, { finalizers: ["b/y", "c/z"] }),
    managedFields: [
      entry("x", "Update", { "f:metadata": { "f:finalizers": { 'v:"a/x"': {}, 'v:"b/y"': {} } } }),
    ],
    writer: writer("y"),
    force: false,
  });
  expect(applied.conflicts).toEqual([]);
  expect(applied.object["metadata"]).toMatchObject({ finalizers: ["a/x", "b/y", "c/z"] });
});

test("a null says nothing: what is there stays", () => {
  const { object } = applyFields({
    type,
    live: configMap({ a: "1" }),
    applied: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: null },
    managedFields: [entry("x", "Update", { "f:data": { "f:a": {} } })],
    writer: writer("y"),
    force: false,
  });
  expect(object["data"]).toEqual({ a: "1" });
});

test("what has one owner is claimed whole, and nobody owns what the server alone decides about", () => {
  const claimed = (of: string, said: JsonObject): string[] =>
    [...pathsIn(claimedFields(of, said))].map(shownPath);
  expect(claimed("core.v1.Pod", { spec: { nodeSelector: { a: "b" } } })).toEqual([".spec.nodeSelector"]);
  expect(
    claimed("networking.v1.NetworkPolicy", { spec: { podSelector: { matchLabels: { a: "b" } } } }),
  ).toEqual([".spec.podSelector"]);
  expect(claimed(type, { metadata: { resourceVersion: "5", uid: "u", labels: { a: "b" } } })).toEqual([
    ".metadata.labels.a",
  ]);
});

test("nothing in place of nothing is no change", () => {
  expect(compareFields(type, configMap({}), { ...configMap({}), data: null })).toEqual({
    changed: {},
    removed: {},
  });
});

test("who owns a field and who owns what is in it own both together", () => {
  const [whole, part] = [{ "f:a": {} }, { "f:a": { "f:b": {} } }];
  const both = { "f:a": { ".": {}, "f:b": {} } };
  expect([union(whole, part), union(part, whole)]).toEqual([both, both]);
});
