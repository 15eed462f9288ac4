import { expect, test } from "vitest";
import type { ReplicaSet } from "../../api/index.ts";
import { replicaSetStatus } from "./replica-set-status.ts";

test("a set that cannot make its pods says so once, however they would have been named", () => {
  const now = Date.parse("2026-06-01T00:00:00Z");
  const set = { metadata: { name: "web" }, spec: { replicas: 1 } } as ReplicaSet;
  const first = replicaSetStatus(set, [], now, 'pods "web-1" is forbidden: exceeded quota');
  expect(first.conditions).toMatchObject([
    { type: "ReplicaFailure", message: 'pods "web-1" is forbidden: exceeded quota' },
  ]);
  const told = { ...set, status: first };
  expect(replicaSetStatus(told, [], now + 5000, 'pods "web-2" is forbidden: exceeded quota')).toEqual(first);
  expect(replicaSetStatus(told, [], now + 9000, undefined).conditions).toEqual([]);
});
