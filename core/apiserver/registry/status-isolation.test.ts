import { expect, test } from "vitest";
import { type Kind, kinds } from "../../api/index.ts";
import { beginLife, type Draft, generatedName, keepServerFields } from "./object-meta.ts";
import { countGeneration, isolateStatus } from "./status-isolation.ts";

const deployments = kinds.byResource("apps", "v1", "deployments")!;
const replicaSets = kinds.byResource("apps", "v1", "replicasets")!;
const custom = { ...deployments, custom: {} } as unknown as Kind;
const bare = { ...custom, subresources: [] } as unknown as Kind;

const owner = { apiVersion: "v1", kind: "A", name: "a", uid: "1" };
const draft = (members: Partial<Draft>): Draft => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  ...structuredClone(members),
  metadata: { name: "x", ...structuredClone(members.metadata) },
});

test("a write to the object leaves its status as it was", () => {
  const object = draft({ spec: { replicas: 2 }, status: { replicas: 9 } });
  isolateStatus(deployments, object, draft({ spec: { replicas: 1 }, status: { replicas: 1 } }), "");
  expect(object).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1 } });
});

test("a write to the status leaves the rest; labels pass, but not a Deployment's, a custom one's, nor owners", () => {
  const old = draft({ spec: { replicas: 1 } });
  const wanted = draft({
    metadata: { labels: { a: "b" }, ownerReferences: [owner] },
    spec: { replicas: 2 },
    status: { replicas: 1 },
  });
  const [builtIn, deployment] = [structuredClone(wanted), structuredClone(wanted)];
  isolateStatus(replicaSets, builtIn, old, "status");
  expect(builtIn).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
  expect(builtIn.metadata).toEqual({ name: "x", labels: { a: "b" } });
  isolateStatus(deployments, deployment, old, "status");
  expect(deployment.metadata).toEqual({ name: "x" });
  isolateStatus(custom, wanted, old, "status");
  expect(wanted.metadata).toEqual({ name: "x" });
});

test("a generation passes with what is wanted, and with anything where there is no status apart", () => {
  const generationOf = (kind: Kind, change: Partial<Draft>): number | undefined => {
    const old = draft({ metadata: { generation: 3 }, spec: { replicas: 1 }, status: {} });
    const object = { ...structuredClone(old), ...change };
    countGeneration(kind, object, old);
    return object.metadata.generation;
  };
  expect(generationOf(deployments, { spec: { replicas: 2 } })).toBe(4);
  expect(generationOf(deployments, { status: { replicas: 2 } })).toBe(3);
  expect(generationOf(custom, { status: { replicas: 2 } })).toBe(3);
  expect(generationOf(bare, { status: { replicas: 2 } })).toBe(4);
  const annotated = { metadata: { name: "x", generation: 3, annotations: { a: "b" } } };
  expect(generationOf(deployments, annotated)).toBe(4);
  expect(generationOf(replicaSets, annotated)).toBe(3);
});

test("a new object takes nothing from its maker that the server decides about, a changed one keeps it", () => {
  const deletionTimestamp = "2026-01-01T00:00:00Z";
  const meta = { name: "x", deletionTimestamp, resourceVersion: "5", uid: "mine" };
  beginLife(meta, 0);
  expect(meta).toEqual({ name: "x", uid: expect.any(String), creationTimestamp: "1970-01-01T00:00:00Z" });
  expect(meta.uid).not.toBe("mine");
  const after = { name: "x", generateName: "y-", generation: 7 };
  keepServerFields(after, { name: "x", uid: "1", generateName: "x-" });
  expect(after).toEqual({ name: "x", generateName: "y-", uid: "1" });
});

test("a generated name is no longer than a label may be", () => {
  expect(generatedName("x".repeat(80))).toMatch(/^x{58}[a-z0-9]{5}$/);
});
