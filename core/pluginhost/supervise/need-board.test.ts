import { describe, expect, it } from "vitest";
import { NeedBoard, type NeedHolder } from "./need-board.ts";

const holder = (name: string, more: Partial<NeedHolder> = {}): NeedHolder => ({
  name,
  contract: "cni",
  needs: [],
  isServing: false,
  isComing: false,
  ...more,
});

function board(plugins: NeedHolder[], daemon?: string, network = "not yet"): NeedBoard {
  return new NeedBoard({ plugins: () => plugins, daemon: () => daemon, network: () => network });
}

describe("needs", () => {
  it("let a plugin start beside what is only coming up, and degrade it until that is there", () => {
    const both = board([holder("net", { isComing: true })]);
    expect(both.missing("cri", ["network"])).toBeUndefined();
    expect(both.unmet("cri", ["network"])).toBe("waiting for the network: not yet");
  });

  it("make it wait for what is not even coming, and for a daemon that does not serve", () => {
    expect(board([holder("net")]).missing("cri", ["network"])).toContain("not ready yet");
    expect(board([]).missing("cri", ["network"])).toContain("no plugin of this node provides");
    expect(board([], "starting").missing("cri", ["daemon:containerd"])).toBe(
      "waiting for daemon containerd: starting",
    );
    expect(board([], "").missing("cri", ["daemon:containerd"])).toBeUndefined();
  });

  it("name a ring instead of waiting in it for ever", () => {
    const ring = board([
      holder("a", { needs: ["contract:csi"] }),
      holder("b", { contract: "csi", needs: ["contract:cni"] }),
    ]);
    expect(ring.missing("a", ["contract:csi"])).toContain("ring: a → b → a");
    expect(ring.unmet("a", ["contract:csi"])).toContain("ring: a → b → a");
  });
});
