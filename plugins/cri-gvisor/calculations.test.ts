import type { RuntimeSpec } from "@berth/oci";
import { expect, test } from "vitest";
import { splitMountOptions } from "./bundle.ts";
import { parsePlatforms } from "./find-runsc.ts";
import { shortId, toGvisorSpec } from "./gvisor-spec.ts";
import { lastWords } from "./runsc-cli.ts";
import { parseWaitAnswer } from "./sandbox-control.ts";

test("the platforms of a runsc are read from its help, the default first", () => {
  expect(parsePlatforms("which platform to use: systrap (default), ptrace, kvm. (default x)")).toEqual([
    "systrap",
    "ptrace",
    "kvm",
  ]);
  expect(parsePlatforms("which platform to use: ptrace (default), kvm.")).toEqual(["ptrace", "kvm"]);
  expect(parsePlatforms("nothing")).toEqual([]);
});

test("a wait answer tells an exit code, or 128 and the signal", () => {
  expect(parseWaitAnswer('{"success":true,"err":"","result":1792}')).toEqual({ exitCode: 7 });
  expect(parseWaitAnswer('{"success":true,"err":"","result":9}')).toEqual({ exitCode: 137 });
  expect(parseWaitAnswer('{"success":false,"err":"gone"}')).toBeUndefined();
  expect(parseWaitAnswer('{"success":tr')).toBe("incomplete");
});

test("mount options are told apart from what the file system reads itself", () => {
  expect(splitMountOptions(["rbind", "ro", "index=off", "lowerdir=/a:/b"])).toEqual({
    flags: ["bind", "rec", "ro"],
    data: "index=off,lowerdir=/a:/b",
  });
});

test("a container that shares its pod's processes gets the sandbox's own process namespace", () => {
  const spec: RuntimeSpec = {
    ociVersion: "1.0.2",
    process: { user: { uid: 0, gid: 0 }, args: ["x"], env: [], cwd: "/" },
    root: { path: "rootfs" },
    mounts: [{ destination: "/proc" }, { destination: "/sys/fs/cgroup" }],
    annotations: { "io.kubernetes.cri.sandbox-id": "a".repeat(64) },
    linux: {
      namespaces: [{ type: "pid", path: "/proc/1/ns/pid" }, { type: "mount" }],
      seccomp: { defaultAction: "x", syscalls: [] },
    },
  };
  const own = toGvisorSpec(spec, "/bundle/rootfs");
  expect(own.linux.namespaces).toEqual([{ type: "mount" }]);
  expect(own.linux).not.toHaveProperty("seccomp");
  expect(own.mounts).toEqual([{ destination: "/proc" }]);
  expect(own.annotations?.["io.kubernetes.cri.sandbox-id"]).toBe(shortId("a".repeat(64)));
});

test("the last words of a command are its last line that says something", () => {
  expect(lastWords({ stdout: "", stderr: "one\ntwo\n\n", exitCode: 1 })).toBe("two");
  expect(lastWords({ stdout: "", stderr: "", exitCode: 3 })).toContain("exit status 3");
});
