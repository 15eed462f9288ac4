import { expect, test } from "vitest";
import type { PluginSpec } from "../../api/index.ts";
import { mergeSpec } from "./rename-keys.ts";

const pullSecret = { namespace: "kube-system", name: "acme" };
const now: PluginSpec = {
  contract: "cni",
  source: { npm: { package: "acme@1.0.0", pullSecret } },
  version: "1.0.0",
  digest: "sha256:1",
  config: { added: true },
};

test("a source of another kind leaves nothing of the package before, and what an operator added stays", () => {
  const next: PluginSpec = { contract: "cni", source: { path: "/opt/acme" }, dev: true };
  expect(mergeSpec(now, next)).toEqual({ ...next, config: { added: true } });
  expect(mergeSpec(mergeSpec(now, next), { ...now, config: {} })).toEqual(now);
});

test("another package of the same kind is not held to the digest of the former, and keeps its login", () => {
  const source = { npm: { package: "acme@1.1.0" } };
  expect(mergeSpec(now, { contract: "cni", source })).toEqual({
    contract: "cni",
    source: { npm: { ...source.npm, pullSecret } },
    config: { added: true },
  });
});

test("the same package stays pinned where a set says nothing of it", () => {
  const source = { npm: { package: "acme@1.0.0" } };
  expect(mergeSpec(now, { contract: "cni", source })).toEqual(now);
});
