import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json/json-value.ts";
import { fieldsOf } from "./field-paths.ts";
import { fromFieldsV1, shownPath, toFieldsV1 } from "./fields-v1.ts";
import {
  applyFields,
  type Applied,
  type ManagedFieldsEntry,
  trackUpdate,
  type Writer,
} from "./managed-fields.ts";

const type = "apps.v1.Deployment";

function writer(manager: string, time = "2026-01-01T00:00:00Z"): Writer {
  return { manager, apiVersion: "apps/v1", subresource: "", time };
}

function deployment(spec: JsonObject, labels?: JsonObject): JsonObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", ...(labels ? { labels } : {}) },
    spec,
  };
}

const containers = (...list: JsonObject[]): JsonObject => ({ template: { spec: { containers: list } } });

function apply(
  manager: string,
  applied: JsonObject,
  to?: { object: JsonObject; managedFields?: ManagedFieldsEntry[] },
  force = false,
): Applied {
  const live = to?.object ?? { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } };
  return applyFields({
    type,
    live,
    applied,
    managedFields: to?.managedFields,
    writer: writer(manager),
    force,
  });
}

describe("fields of an object", () => {
  it("go through members, maps and keyed lists, and stop where one writer owns the whole", () => {
    const object = deployment(
      {
        replicas: 2,
        ...containers({ name: "web", image: "a", command: ["x"], ports: [{ containerPort: 80 }] }),
      },
      { app: "web" },
    );
    expect([...fieldsOf(type, object).keys()].map(shownPath)).toEqual([
      ".metadata.labels.app",
      ".spec.replicas",
      '.spec.template.spec.containers[name="web"]',
      '.spec.template.spec.containers[name="web"].name',
      '.spec.template.spec.containers[name="web"].image',
      '.spec.template.spec.containers[name="web"].command',
      '.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]',
      '.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort',
    ]);
  });

  it("survive the form in which they are stored", () => {
    const paths = new Set(
      fieldsOf(type, deployment(containers({ name: "web", image: "a" }), { a: "b" })).keys(),
    );
    expect(fromFieldsV1(toFieldsV1(paths))).toEqual(paths);
  });
});

describe("applying", () => {
  it("twice the same changes nothing, the time of the entry neither", () => {
    const alone = apply("a", deployment({ replicas: 2 }));
    const first = apply("b", deployment({ paused: true }), alone);
    const again = applyFields({
      type,
      live: first.object,
      applied: deployment({ replicas: 2 }),
      managedFields: first.managedFields,
      writer: writer("a", "2026-01-01T01:00:00Z"),
      force: false,
    });
    expect(again).toEqual({ ...first, conflicts: [] });
  });

  it("takes away what the same writer said before and no longer says", () => {
    const first = apply("a", deployment({ replicas: 2, paused: true }, { x: "1" }));
    const second = apply("a", deployment({ replicas: 2 }), first);
    expect(second.object).toEqual(deployment({ replicas: 2 }));
  });

  it("leaves what another writer owns too", () => {
    const first = apply("a", deployment({ replicas: 2 }, { x: "1" }));
    const both = apply("b", deployment({}, { x: "1" }), first);
    const dropped = apply("a", deployment({ replicas: 2 }), both);
    expect((dropped.object["metadata"] as JsonObject)["labels"]).toEqual({ x: "1" });
  });

  it("another value than somebody else's is a conflict that names him and the field", () => {
    const first = apply("a", deployment({ replicas: 2 }));
    const second = apply("b", deployment({ replicas: 3 }), first);
    expect(second.conflicts.map(({ path, owner }) => `${owner.manager} ${shownPath(path)}`)).toEqual([
      "a .spec.replicas",
    ]);
  });

  it("by force takes the field over", () => {
    const first = apply("a", deployment({ replicas: 2, paused: true }));
    const forced = apply("b", deployment({ replicas: 3 }), first, true);
    expect(forced.conflicts).toEqual([]);
    expect(forced.object["spec"]).toEqual({ replicas: 3, paused: true });
    const owned = Object.fromEntries(forced.managedFields.map((one) => [one.manager, one.fieldsV1]));
    expect(owned).toEqual({
      a: { "f:spec": { "f:paused": {} } },
      b: { "f:spec": { "f:replicas": {} } },
    });
  });

  it("works on the item of a list that its key names, and keeps the others", () => {
    const first = apply(
      "a",
      deployment(containers({ name: "web", image: "a" }, { name: "log", image: "l" })),
    );
    const second = apply("b", deployment(containers({ name: "web", tty: true })), first);
    expect(second.conflicts).toEqual([]);
    expect(second.object["spec"]).toEqual(
      containers({ name: "web", image: "a", tty: true }, { name: "log", image: "l" }),
    );
    const third = apply("a", deployment(containers({ name: "log", image: "l" })), second);
    expect(third.object["spec"]).toEqual(containers({ name: "web", tty: true }, { name: "log", image: "l" }));
  });

  it("to what nobody applied before meets its makers as one", () => {
    const made = { object: deployment({ replicas: 1 }) };
    expect(apply("a", deployment({ replicas: 1 }), made).conflicts).toEqual([]);
    expect(apply("a", deployment({ replicas: 2 }), made).conflicts[0]?.owner.manager).toBe(
      "before-first-apply",
    );
  });
});

describe("a plain write", () => {
  it("makes the writer the owner of what he changed, and of nothing else", () => {
    const { object, managedFields } = apply("a", deployment({ replicas: 2, paused: true }));
    const after = { ...object, spec: { replicas: 5, paused: true } };
    const tracked = trackUpdate({ type, before: object, after, managedFields, writer: writer("scaler") })!;
    expect(tracked.map((one) => [one.manager, one.operation, one.fieldsV1])).toEqual([
      ["a", "Apply", { "f:spec": { "f:paused": {} } }],
      ["scaler", "Update", { "f:spec": { "f:replicas": {} } }],
    ]);
    const conflict = apply("a", deployment({ replicas: 2, paused: true }), {
      object: after,
      managedFields: tracked,
    });
    expect(conflict.conflicts[0]?.owner.manager).toBe("scaler");
  });

  it("on what nobody applied tracks nothing", () => {
    const object = deployment({ replicas: 1 });
    expect(
      trackUpdate({ type, before: object, after: object, managedFields: undefined, writer: writer("a") }),
    ).toBeUndefined();
  });
});
