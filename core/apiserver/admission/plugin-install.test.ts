import { expect, it } from "vitest";
import { berthGroup, berthVersion, kinds } from "../../api/index.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { Draft } from "../registry/object-meta.ts";
import { pluginInstall } from "./plugin-install.ts";

const kind = kinds.byKind(berthGroup, berthVersion, "Plugin")!;

function mayDo(...rights: string[]): Authorizer {
  return {
    name: "a test",
    authorize: (_, asked) =>
      asked.isResource && rights.includes(`${asked.verb} ${asked.resource} ${asked.namespace}/${asked.name}`)
        ? { allowed: true, reason: "" }
        : undefined,
  };
}

const plugin = (reference: string, secret?: string): Draft => ({
  apiVersion: `${berthGroup}/${berthVersion}`,
  kind: "Plugin",
  metadata: { name: "x" },
  spec: {
    contract: "cni",
    source: { oci: { reference, ...(secret ? { pullSecret: { namespace: "d", name: secret } } : {}) } },
  },
});

function writing(rights: string[], object: Draft, old?: Draft, subresource = "") {
  return (): void =>
    void pluginInstall(mayDo(...rights)).validate!({
      operation: old ? "UPDATE" : "CREATE",
      kind,
      ...{ subresource, namespace: "", name: "x", user: { name: "ann", groups: [] } },
      object,
      ...(old ? { old } : {}),
      dryRun: false,
      warnings: [],
    });
}

const install = "install plugins /x";
const read = "get secrets d/login";

it("code that runs as root on every node is installed and exchanged only by who may install", () => {
  expect(writing([install], plugin("a"))).not.toThrow();
  expect(writing([], plugin("a"))).toThrow("cannot install");
  expect(writing(["install plugins /y"], plugin("a"))).toThrow("cannot install");
  expect(writing([], plugin("b"), plugin("a"))).toThrow("cannot install");
  expect(writing([], plugin("a"), plugin("a"))).not.toThrow();
  expect(writing([], plugin("b"), plugin("a"), "status")).not.toThrow();
});

it("a login is named only by who can read it, for the nodes read it then", () => {
  expect(writing([install], plugin("a", "login"))).toThrow("must be able to read it");
  expect(writing([install, read], plugin("a", "login"))).not.toThrow();
  expect(writing([read], plugin("a", "login"))).toThrow("cannot install");
  expect(writing([install], plugin("b", "login"), plugin("a", "login"))).not.toThrow();
  expect(writing([install, read], plugin("a", "other"), plugin("a", "login"))).toThrow("able to read it");
});
