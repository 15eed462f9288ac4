import { describe, expect, it } from "vitest";
import { isAllowed, readSource, sourceText } from "./plugin-source.ts";

const text = (source: Parameters<typeof readSource>[0]): string =>
  sourceText(readSource(source, "https://npm.example.com"));

describe("the source of a package", () => {
  it("has one spelling, with every default written out", () => {
    expect(text({ path: "/opt/foo" })).toBe("path:/opt/foo");
    expect(text({ npm: { package: "@acme/foo@1.2.3-rc.1" } })).toBe(
      "npm:npm.example.com/@acme/foo@1.2.3-rc.1",
    );
    expect(text({ npm: { package: "foo@1.0.0", registry: "http://127.0.0.1:4873/" } })).toBe(
      "npm:127.0.0.1:4873/foo@1.0.0",
    );
    expect(text({ npm: { package: "/opt/foo-1.0.0.tgz" } })).toBe("path:/opt/foo-1.0.0.tgz");
    expect(text({ oci: { reference: "foo" } })).toBe("oci:docker.io/library/foo:latest");
    expect(text({ executable: { path: "/usr/local/bin/foo" } })).toBe("path:/usr/local/bin/foo");
  });

  it.each([
    [{ path: "opt/foo" }, "spec.source.path opt/foo is not an absolute path"],
    [{ npm: { package: "foo@^1" } }, "exact version"],
    [{ npm: { package: "foo" } }, "exact version"],
    [{ npm: { package: "foo@1.0.0", registry: "http://example.com" } }, "must begin with https://"],
    [{ oci: { reference: "Foo//bar" } }, "spec.source.oci.reference"],
    [{}, "names no place"],
    [{ npm: { package: "foo@1.0.0" } }, "no registry of this node's own was named"],
  ])("%j is refused", (source, reason) => {
    expect(() => readSource(source)).toThrow(reason);
  });
});

describe("an allow list", () => {
  it.each([
    ["path:/opt/plugins/foo", ["/opt/plugins"], true],
    ["path:/opt/plugins-too/foo", ["/opt/plugins"], false],
    ["oci:oci.example.com/acme/foo:1", ["oci:oci.example.com/acme"], true],
    ["oci:oci.example.com/acme-too/foo:1", ["oci:oci.example.com/acme"], false],
    ["npm:npm.example.com/@acme/foo@1.0.0", ["npm:npm.example.com/@acme/foo"], true],
    ["npm:npm.example.com/@acme/foo-bar@1.0.0", ["npm:npm.example.com/@acme/foo"], false],
    ["npm:npm.example.com/foo@1.0.0", ["npm:"], true],
    ["npm:npm.example.com/foo@1.0.0", ["/opt", "oci:"], false],
    ["anything", [], true],
  ])("%s under %j: %s", (source, allowed, expected) => {
    expect(isAllowed(source, allowed)).toBe(expected);
  });
});
