import { expect, test } from "vitest";
import type { Plugin } from "../../api/index.ts";
import { mergeSet } from "./rename-keys.ts";
import { diffSets, formatChange } from "./set-diff.ts";

const spec = (more: Partial<Plugin["spec"]> = {}): Plugin["spec"] => ({
  contract: "cri",
  source: { path: "/p" },
  ...more,
});
const small = {
  name: "small",
  set: { plugins: ["a", "b"], defaultRuntimeHandler: "runc", networkChain: ["b"] },
  plugins: { a: spec({ digest: "sha256:1" }) },
};

test("a set that is in force as it stands differs in nothing", () => {
  const known = { a: spec({ digest: "sha256:1", config: { kept: true } }) };
  expect(diffSets(small, mergeSet(small, known, {}), known)).toEqual([]);
});

test("plugins that come, go and change, and defaults, are one line each", () => {
  const large = {
    name: "large",
    set: { plugins: ["a", "c"], defaultRuntimeHandler: "gvisor", networkChain: ["b"] },
    plugins: { a: spec({ digest: "sha256:2" }), c: spec() },
  };
  const known = { a: spec({ digest: "sha256:1" }), b: spec() };
  expect(diffSets(small, large, known).map(formatChange)).toEqual([
    '~ set: "small" → "large"',
    "+ plugin c",
    "- plugin b, once nothing of what it made is left",
    '~ defaultRuntimeHandler: "runc" → "gvisor"',
    '~ plugin a digest: "sha256:1" → "sha256:2"',
  ]);
});

test("where nothing was, everything comes", () => {
  expect(diffSets(undefined, small, {}).map(formatChange)).toEqual([
    '~ set: none → "small"',
    "+ plugin a",
    "+ plugin b",
    '~ defaultRuntimeHandler: none → "runc"',
    '~ networkChain: none → ["b"]',
  ]);
});
