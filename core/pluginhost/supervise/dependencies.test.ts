import { describe, expect, it } from "vitest";
import { findRing, unmetNeed } from "./dependencies.ts";

const plugin = (name: string, provides: string[], needs: string[]) => ({ name, provides, needs });

describe("dependencies", () => {
  it("finds the ring and names it in order", () => {
    const ring = findRing([
      plugin("top", [], ["contract:a"]),
      plugin("a", ["contract:a"], ["contract:b"]),
      plugin("b", ["contract:b"], ["contract:a"]),
    ]);
    expect(ring).toEqual(["a", "b", "a"]);
  });

  it("finds none where plugins only share a need", () => {
    const shared = plugin("d", ["network"], []);
    expect(findRing([plugin("a", [], ["network"]), plugin("b", [], ["network"]), shared])).toBeUndefined();
  });

  it("tells a need that comes later from one that nobody provides", () => {
    expect(unmetNeed(["network"], new Set(), new Set(["network"]))).toContain("not ready yet");
    expect(unmetNeed(["network"], new Set(), new Set())).toContain("no plugin of this node provides");
    expect(unmetNeed(["network"], new Set(["network"]), new Set())).toBeUndefined();
  });
});
