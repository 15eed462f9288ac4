import { expect, test } from "vitest";
import { groupTests } from "./test-groups.ts";

test("each file is in one group, and one that nobody has thought about has the machine to itself", () => {
  const files = [
    "test/integration/apiserver-slow-clients.test.ts",
    "test/integration/apiserver-watch.test.ts",
    "test/integration/chaos.test.ts",
    "test/integration/new.test.ts",
    "test/integration/store-etcd-cluster.test.ts",
    "test/integration/store-etcd.test.ts",
    "test/interop/kubectl-verbs.test.ts",
  ];
  const { beside, alone } = groupTests(files);
  expect(beside).toEqual([files[1], files[5], files[6]]);
  expect(alone).toEqual([files[0], files[2], files[3], files[4]]);
});
