import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json/json-value.ts";
import { claimedFields, compareFields } from "./compare-fields.ts";
import { pathsIn, shownPath } from "./field-set.ts";
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
    expect([...pathsIn(claimedFields(type, object))].map(shownPath)).toEqual([
      ".metadata.labels.app",
      ".spec.replicas",
      '.spec.template.spec.containers[name="web"]',
      '.spec.template.spec.containers[name="web"].command',
      '.spec.template.spec.containers[name="web"].image',
      '.spec.template.spec.containers[name="web"].name',
      '.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]',
      '.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort',
    ]);
  });

  it("of a new one stand for the objects around them too, but for those that are never absent", () => {
    const limits = { limits: { cpu: "1" } };
    const object = deployment(
      {
        replicas: 2,
        selector: { matchLabels: { app: "web" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } },
        ...containers({ name: "web", image: "a", resources: limits, ports: [{ containerPort: 80 }] }),
      },
      { app: "web" },
    );
    const itself = { ".": {} };
    expect(compareFields(type, {}, object)).toEqual({
      changed: {
        "f:metadata": { "f:labels": { ...itself, "f:app": {} } },
        "f:spec": {
          "f:replicas": {},
          "f:selector": {},
          "f:strategy": { "f:type": {}, "f:rollingUpdate": { ...itself, "f:maxSurge": {} } },
          "f:template": {
            "f:spec": {
              "f:containers": {
                'k:{"name":"web"}': {
                  ...itself,
                  "f:name": {},
                  "f:image": {},
                  "f:resources": { ...itself, "f:limits": { ...itself, "f:cpu": {} } },
                  "f:ports": {
                    ...itself,
                    'k:{"containerPort":80,"protocol":"TCP"}': { ...itself, "f:containerPort": {} },
                  },
                },
              },
            },
          },
        },
      },
      removed: {},
    });
  });

  it("that differ are told by path, those that are gone apart", () => {
    const before = deployment(containers({ name: "web", image: "a", tty: true }), { a: "1" });
    const after = deployment(containers({ name: "web", image: "b" }, { name: "log" }));
    const { changed, removed } = compareFields(type, before, after);
    expect([...pathsIn(changed)].map(shownPath)).toEqual([
      '.spec.template.spec.containers[name="log"]',
      '.spec.template.spec.containers[name="log"].name',
      '.spec.template.spec.containers[name="web"].image',
    ]);
    expect([...pathsIn(removed)].map(shownPath)).toEqual([
      ".metadata.labels",
      ".metadata.labels.a",
      '.spec.template.spec.containers[name="web"].tty',
    ]);
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

  it.each<[string, JsonObject]>([
    ["labels", { labels: { x: "1" } }],
    ["annotations", { annotations: { x: "1" } }],
    ["finalizers", { finalizers: ["example.com/x"] }],
  ])("leaves no empty %s behind, whoever else owns them, and no owner of nothing", (_, said) => {
    const [[name, value]] = Object.entries(said) as [[string, JsonObject | unknown[]]];
    const head = { apiVersion: "apps/v1", kind: "Deployment" };
    const object = { ...head, metadata: { name: "web", ...said }, spec: { replicas: 1 } };
    const fieldsV1 = { "f:metadata": { [`f:${name}`]: { ".": {} } } };
    const owner = {
      manager: "u",
      operation: "Update",
      apiVersion: "apps/v1",
      fieldsType: "FieldsV1",
    } as const;
    const live = {
      object: { ...object, metadata: { name: "web" } },
      managedFields: [{ ...owner, fieldsV1 }],
    };
    const first = apply("a", { ...head, metadata: { name: "web", [name]: value } }, live);
    expect(first.object["metadata"]).toEqual({ name: "web", [name]: value });
    const second = apply("a", { ...head, metadata: { name: "web" } }, first);
    expect(second.object["metadata"]).toEqual({ name: "web" });
    expect(second.managedFields.map(({ manager }) => manager)).toEqual([]);
  });

  it("keeps an object empty that the writer says is, or that somebody else owns for itself", () => {
    const web = (more: JsonObject): JsonObject => deployment(containers({ name: "web", ...more }));
    const made = web({ securityContext: {} });
    const managedFields = trackUpdate({
      type,
      before: {},
      after: made,
      managedFields: [],
      writer: writer("u"),
    });
    const filled = web({ securityContext: { runAsUser: 1 } });
    const first = apply("a", filled, { object: made, managedFields });
    expect(apply("a", web({ securityContext: {} }), first).object).toEqual(made);
    expect(apply("a", web({}), first).object).toEqual(made);
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

describe("a list of what several writers say", () => {
  const names = (...all: string[]): JsonObject =>
    deployment(containers(...all.map((name) => ({ name, image: "i" }))));
  const shown = ({ object }: Applied): string[] =>
    (
      object as { spec: { template: { spec: { containers: { name: string }[] } } } }
    ).spec.template.spec.containers.map(({ name }) => name);

  it("comes in the order of the one who applies, with the others where they stood", () => {
    const first = apply("a", names("a", "b", "c"));
    expect(shown(apply("a", names("c", "a"), first))).toEqual(["c", "a"]);
    expect(shown(apply("b", names("z", "b"), first))).toEqual(["a", "z", "b", "c"]);
    expect(shown(apply("b", names("c", "b"), first))).toEqual(["a", "c", "b"]);
    expect(shown(apply("b", names("z"), first))).toEqual(["a", "b", "c", "z"]);
  });

  it("has items of which nobody owns a part, where their type says so", () => {
    const pod = containers({ name: "web" })["template"] as { spec: JsonObject };
    const spec = { template: { spec: { ...pod.spec, imagePullSecrets: [{ name: "s" }] } } };
    const owner = { apiVersion: "v1", kind: "X", name: "o", uid: "u" };
    const object = deployment(spec);
    object["metadata"] = { name: "web", ownerReferences: [owner] };
    const paths = [...pathsIn(claimedFields(type, object))].map(shownPath);
    expect(paths).toEqual(
      expect.arrayContaining([
        '.metadata.ownerReferences[uid="u"]',
        '.spec.template.spec.imagePullSecrets[name="s"]',
      ]),
    );
    expect(paths.filter((path) => /\]\.(?:uid|kind)$|Secrets.*\]\./.test(path))).toEqual([]);
  });
});

describe("applying after kubectl applied by itself", () => {
  const said = (replicas: number, labels?: JsonObject): JsonObject => deployment({ replicas }, labels);
  function appliedByKubectl(
    live: JsonObject,
    last: JsonObject,
  ): { object: JsonObject; managedFields: ManagedFieldsEntry[] } {
    const annotation = { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(last) };
    const metadata = { ...(live["metadata"] as JsonObject), annotations: annotation };
    const object = { ...live, metadata };
    const by = writer("kubectl-client-side-apply");
    const managedFields = trackUpdate({ type, before: {}, after: object, managedFields: [], writer: by });
    return { object, managedFields };
  }

  it("is no conflict over what stands as it was applied, for kubectl alone", () => {
    const live = appliedByKubectl(said(1), said(1));
    expect(apply("kubectl", said(2), live).conflicts).toEqual([]);
    expect(apply("another", said(2), live).conflicts[0]?.owner.manager).toBe("kubectl-client-side-apply");
  });

  it("is one over what was changed since", () => {
    const live = appliedByKubectl(said(3), said(1));
    expect(apply("kubectl", said(2), live).conflicts.map(({ path }) => shownPath(path))).toEqual([
      ".spec.replicas",
    ]);
  });

  it("renews what stands there as applied", () => {
    const { metadata } = apply("kubectl", said(2), appliedByKubectl(said(1), said(1))).object;
    const { annotations } = metadata as { annotations: Record<string, string> };
    expect(JSON.parse(Object.values(annotations)[0]!)).toMatchObject({ spec: { replicas: 2 } });
  });
});

describe("a plain write", () => {
  it("makes the writer the owner of what he changed, and of nothing else", () => {
    const { object, managedFields } = apply("a", deployment({ replicas: 2, paused: true }));
    const after = { ...object, spec: { replicas: 5, paused: true } };
    const tracked = trackUpdate({ type, before: object, after, managedFields, writer: writer("scaler") });
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

  const written = (value: number, managedFields: ManagedFieldsEntry[], by: Writer): ManagedFieldsEntry[] =>
    trackUpdate({
      type,
      before: deployment({ replicas: value - 1 }),
      after: deployment({ replicas: value }),
      managedFields,
      writer: by,
    });

  it("that changes nothing leaves the time of the entry", () => {
    const object = deployment({ replicas: 1 });
    const managedFields = trackUpdate({
      type,
      before: {},
      after: object,
      managedFields: [],
      writer: writer("a"),
    });
    const later = writer("a", "2026-01-01T01:00:00Z");
    expect(trackUpdate({ type, before: object, after: object, managedFields, writer: later })).toEqual(
      managedFields,
    );
  });

  it("of the same writer through another version or subresource is an entry of its own", () => {
    const { object, managedFields } = apply("a", deployment({ paused: true }));
    const by = (of: Partial<Writer>, replicas: number, entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] =>
      trackUpdate({
        type,
        before: object,
        after: { ...object, spec: { paused: true, [`x${replicas}`]: replicas } },
        managedFields: entries,
        writer: { ...writer("w"), ...of },
      });
    const all = by({ subresource: "status" }, 3, by({ apiVersion: "apps/v2" }, 2, by({}, 1, managedFields)));
    expect(all.map((one) => [one.manager, one.apiVersion, one.subresource])).toEqual([
      ["a", "apps/v1", undefined],
      ["w", "apps/v1", undefined],
      ["w", "apps/v1", "status"],
      ["w", "apps/v2", undefined],
    ]);
  });

  it("by the eleventh writer joins the oldest", () => {
    let entries: ManagedFieldsEntry[] = [];
    for (let index = 1; index <= 12; index++) {
      const time = `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`;
      const name = `f${index}`;
      entries = trackUpdate({
        type,
        before: deployment({}),
        after: deployment({}, { [name]: "1" }),
        managedFields: entries,
        writer: writer(name, time),
      });
    }
    expect(entries.map((one) => one.manager)).toEqual([
      "ancient-changes",
      ...Array.from({ length: 9 }, (_, index) => `f${index + 4}`),
    ]);
    expect([...pathsIn(entries[0]!.fieldsV1)].map(shownPath)).toEqual(
      ["", ".f1", ".f2", ".f3"].map((name) => `.metadata.labels${name}`).slice(1),
    );
    expect(entries[0]!.time).toBe("2026-01-01T00:00:03Z");
  });

  it("takes a field from whoever had it", () => {
    const first = written(1, [], writer("a"));
    const second = written(2, first, writer("b"));
    expect(second.map((one) => one.manager)).toEqual(["b"]);
  });
});
