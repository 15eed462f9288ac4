import { describe, expect, test } from "vitest";
import { digestReference, normalizeReference, parseReference } from "./reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("image names", () => {
  test.each([
    ["busybox", "docker.io/library/busybox:latest"],
    ["hello:1", "docker.io/library/hello:1"],
    ["team/app", "docker.io/team/app:latest"],
    ["localhost/app:2", "localhost/app:2"],
    ["localhost:5000/a/b", "localhost:5000/a/b:latest"],
    ["registry.example/a@" + digest, `registry.example/a@${digest}`],
  ])("%s is %s", (short, full) => {
    expect(normalizeReference(short)).toBe(full);
    expect(normalizeReference(full)).toBe(full);
  });

  test.each(["", "UPPER", "a b", "a:tag:tag", "a@md5:1", "../etc", "a//b", `a@${digest}@${digest}`])(
    "%s is refused with the part that is wrong",
    (name) => {
      expect(() => parseReference(name)).toThrow(/cannot be read: /);
    },
  );

  test("a digest reference has no tag", () => {
    expect(digestReference(parseReference("hello:1"), digest)).toBe(`docker.io/library/hello@${digest}`);
  });
});
