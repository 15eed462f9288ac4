import { describe, expect, it } from "vitest";
import type { Plugin, PluginSet } from "../api/index.ts";
import { desiredWorld } from "./desired-world.ts";

function plugin(name: string, nodeSelector?: Record<string, string>): Plugin {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "Plugin",
    metadata: { name, generation: 1 },
    spec: { contract: "cni", source: { path: `/p/${name}` }, ...(nodeSelector ? { nodeSelector } : {}) },
  };
}

function set(
  name: string,
  plugins: string[],
  more: Partial<PluginSet["spec"]> = {},
  age = "2026",
): PluginSet {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginSet",
    metadata: { name, creationTimestamp: age },
    spec: { plugins, ...more },
  };
}

const names = (world: { plugins: readonly { name: string }[] }): string[] =>
  world.plugins.map(({ name }) => name);

describe("desired world of a node", () => {
  it("holds the plugins of the sets that apply, and those that no set names", () => {
    const plugins = [plugin("a"), plugin("b"), plugin("free")];
    const sets = [
      set("here", ["a"], { nodeSelector: { zone: "1" } }),
      set("there", ["b"], { nodeSelector: { zone: "2" } }),
    ];
    expect(names(desiredWorld(plugins, sets, { zone: "1" }).world)).toEqual(["a", "free"]);
  });

  it("leaves out plugins that are being deleted or select other nodes", () => {
    const dying = plugin("dying");
    dying.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    expect(names(desiredWorld([dying, plugin("gpu", { gpu: "yes" })], [], {}).world)).toEqual([]);
  });

  it("follows the set that was applied last, of equals the oldest, and knows the plugins of the others", () => {
    const plugins = [plugin("a"), plugin("b"), plugin("free")];
    const old = set("old", ["a"], { defaultRuntimeHandler: "runc" }, "2025");
    const young = set("young", ["b"], { defaultRuntimeHandler: "gvisor" }, "2026");
    const equal = desiredWorld(plugins, [young, old], {}).world;
    expect(equal).toMatchObject({ defaultRuntimeHandler: "runc", set: { name: "old", revision: 0 } });
    young.spec.revision = 1;
    const { world } = desiredWorld(plugins, [young, old], {});
    expect(world).toMatchObject({
      defaultRuntimeHandler: "gvisor",
      set: { name: "young", revision: 1, plugins: ["b"] },
    });
    expect(names(world)).toEqual(["b", "free"]);
    expect(world.others?.map(({ name }) => name)).toEqual(["a"]);
  });

  it("does not wait for a plugin of the set that selects other nodes", () => {
    const { world } = desiredWorld(
      [plugin("a"), plugin("gpu", { gpu: "yes" })],
      [set("s", ["a", "gpu"])],
      {},
    );
    expect(world.set?.plugins).toEqual(["a"]);
  });

  it("names a plugin that a set asks for and nobody made", () => {
    const { problems } = desiredWorld([], [set("s", ["ghost"])], {});
    expect(problems[0]?.message).toContain("names ghost");
  });
});
