import { constants } from "node:os";
import { expect, test } from "vitest";
import { isErrno, LinuxError } from "./linux-error.ts";

test("an error names the action, the kernel's name for the reason and its text", () => {
  const error = new LinuxError("mount /a on /b", constants.errno.ENOENT);
  expect(error.message).toBe("mount /a on /b: ENOENT (no such file or directory)");
  expect(error.definition.grpc).toBe("NOT_FOUND");
});

test("errors of ours and of Node's own are recognised by the same name", () => {
  const ours = new LinuxError("x", constants.errno.EBUSY);
  const theirs = Object.assign(new Error("x"), { code: "EBUSY" });
  for (const error of [ours, theirs]) {
    expect(isErrno(error, "EBUSY")).toBe(true);
    expect(isErrno(error, "ENOENT")).toBe(false);
  }
  expect(isErrno("EBUSY", "EBUSY")).toBe(false);
});
