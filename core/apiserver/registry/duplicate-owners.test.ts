import { expect, it } from "vitest";
import { dropDuplicateOwners } from "./duplicate-owners.ts";
import type { Draft } from "./object-meta.ts";

const owner = (uid: string, name = "a"): object => ({ apiVersion: "v1", kind: "Pod", name, uid });

function dropped(...owners: object[]): { owners: unknown; warnings: string[] } {
  const object = { metadata: { name: "x", ownerReferences: owners } } as unknown as Draft;
  const warnings: string[] = [];
  dropDuplicateOwners(object, warnings, false);
  dropDuplicateOwners(object, warnings, true);
  return { owners: object.metadata.ownerReferences, warnings };
}

it("an owner that is named twice counts once, and who wrote it is warned once", () => {
  const { owners, warnings } = dropped(owner("1"), owner("2"), owner("1"));
  expect(owners).toEqual([owner("1"), owner("2")]);
  expect(warnings).toEqual([expect.stringMatching(/^\.metadata\.ownerReferences contains .* observed: 1$/)]);
});

it("two that differ in anything stay for validation to judge", () => {
  expect(dropped(owner("1"), owner("1", "b"))).toEqual({
    owners: [owner("1"), owner("1", "b")],
    warnings: [],
  });
});
