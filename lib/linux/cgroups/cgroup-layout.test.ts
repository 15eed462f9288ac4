import { expect, test } from "vitest";
import { parseMountinfo } from "../mounts/mountinfo.ts";
import { cleanCgroupPath } from "./cgroup.ts";
import { cgroupLayout } from "./detect-cgroups.ts";

const v2 = "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw";
const unified = "30 1 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";
const memory = "31 1 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory";
const cpu = "32 1 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct";

test.each([
  ["v2 alone", [v2], "v2"],
  ["v1 alone", [memory, cpu], "v1"],
  ["controllers in v1 beside a mounted v2", [unified, memory], "hybrid"],
])("%s is recognised", (_, lines, mode) => {
  expect(cgroupLayout(parseMountinfo(lines.join("\n")))?.mode).toBe(mode);
});

test("controllers mounted together share a folder", () => {
  const layout = cgroupLayout(parseMountinfo([memory, cpu].join("\n")));
  expect(layout?.v1.get("cpu")).toBe("/sys/fs/cgroup/cpu,cpuacct");
  expect(layout?.v1.get("cpuacct")).toBe("/sys/fs/cgroup/cpu,cpuacct");
});

test("no mounts, no control groups", () => {
  expect(cgroupLayout([])).toBeUndefined();
});

test("a group's path cannot leave the hierarchy, name the root, or hold odd characters", () => {
  expect(cleanCgroupPath("/berth//plugins/a.b/")).toBe("berth/plugins/a.b");
  for (const wrong of ["", "/", "a/../b", "a b", "a\nb", "."])
    expect(() => cleanCgroupPath(wrong)).toThrow("cgroup path");
});
