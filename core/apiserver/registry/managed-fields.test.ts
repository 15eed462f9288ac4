import { describe, expect, test } from "vitest";
import { kinds, type ManagedFieldsEntry } from "../../api/index.ts";
import { ownersAfter, untouchedBy } from "./managed-fields.ts";
import type { Draft } from "./object-meta.ts";
import type { WriteContext } from "./strategy.ts";

const deployments = kinds.byResource("apps", "v1", "deployments")!;
const pods = kinds.byResource("", "v1", "pods")!;

const held: ManagedFieldsEntry[] = [
  {
    manager: "a",
    operation: "Update",
    apiVersion: "apps/v1",
    time: "2026-01-01T00:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:spec": { "f:replicas": {} } },
  },
];

function deployment(replicas: number, managedFields?: ManagedFieldsEntry[]): Draft {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "x", ...(managedFields ? { managedFields } : {}) },
    spec: { replicas },
  };
}

const context = (subresource = ""): WriteContext => ({
  user: { name: "ann", groups: [] },
  dryRun: false,
  subresource,
  fieldManager: "b",
  warnings: [],
  signal: new AbortController().signal,
  now: 0,
});

const managers = (owners: ManagedFieldsEntry[] | undefined): string[] | undefined =>
  owners?.map(({ manager }) => manager);

describe("after a plain write", () => {
  test("who changed a field owns it in place of who had it", () => {
    const owners = ownersAfter(deployments, deployment(2), deployment(1, held), context());
    expect(managers(owners)).toEqual(["b"]);
  });

  test("who was told owns what, in the words of the caller, or nobody does", () => {
    const told = [{ ...held[0]!, manager: "c" }];
    expect(managers(ownersAfter(deployments, deployment(1, told), deployment(1, held), context()))).toEqual([
      "c",
    ]);
    const ended = [{} as ManagedFieldsEntry];
    expect(ownersAfter(deployments, deployment(2, ended), deployment(1, held), context())).toBeUndefined();
    expect(ownersAfter(deployments, deployment(1, []), deployment(1, held), context())).toEqual(held);
  });

  test("nothing is tracked of an object that nobody tracked from its beginning", () => {
    expect(ownersAfter(deployments, deployment(2), deployment(1), context())).toBeUndefined();
    expect(managers(ownersAfter(deployments, deployment(2), undefined, context()))).toEqual(["b"]);
  });

  test("a binding leaves the owners of its pod as they are", () => {
    const pod = (nodeName: string): Draft => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "x", managedFields: held },
      spec: { nodeName },
    });
    expect(ownersAfter(pods, pod("n"), pod(""), context("binding"))).toBe(held);
  });
});

test("a write to an object does not touch its status, one to the status nothing else", () => {
  const [plain, status] = [untouchedBy(deployments, "")!, untouchedBy(deployments, "status")!];
  expect(["status", "spec", "metadata"].map(plain)).toEqual([true, false, false]);
  expect(["status", "spec", "metadata"].map(status)).toEqual([false, true, false]);
});
