import { expect, test } from "vitest";
import { refusalOf } from "./oci-runtimes.ts";

test("crun is left out where it would refuse the machine's control groups, and only there", () => {
  expect(refusalOf("crun", "hybrid", "hugetlb")).toContain("hugetlb");
  expect(refusalOf("crun", "hybrid", "")).toBeUndefined();
  expect(refusalOf("crun", "v2", "cpu memory")).toBeUndefined();
  expect(refusalOf("runc", "hybrid", "hugetlb")).toBeUndefined();
});
