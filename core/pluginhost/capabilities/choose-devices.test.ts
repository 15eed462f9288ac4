import { describe, expect, it } from "vitest";
import { chooseDevices, shortage } from "./choose-devices.ts";

const device = (id: string, health = "Healthy") => ({ id, health, numa: [] });
const free = [device("c"), device("a"), device("b")];

describe("choosing devices", () => {
  it("follows the plugin's preference as far as it goes, then names", () => {
    expect(chooseDevices(free, ["b"], 2)).toEqual(["b", "a"]);
    expect(chooseDevices(free, [], 2)).toEqual(["a", "b"]);
  });

  it("never gives what is not free, nor the same device twice, whatever the plugin prefers", () => {
    expect(chooseDevices(free, ["z", "a", "a"], 2)).toEqual(["a", "b"]);
  });
});

describe("a shortage", () => {
  const request = { resource: "nvidia.com/gpu", count: 2 };

  it("is told with its numbers", () => {
    const endpoint = { plugin: "gpu", connected: true, devices: [...free, device("d", "Unhealthy")] };
    const holders = new Map([
      ["a", "x/y"],
      ["b", "x/z"],
    ]);
    expect(shortage(request, endpoint, holders)).toBe(
      "2 of nvidia.com/gpu asked, 1 free: 2 in use, 1 unhealthy",
    );
    expect(shortage(request, endpoint, new Map())).toBeUndefined();
  });

  it("tells a plugin that is away from one that never was", () => {
    expect(shortage(request, undefined, new Map())).toBe("no plugin of this node provides nvidia.com/gpu");
    expect(shortage(request, { plugin: "gpu", connected: false, devices: free }, new Map())).toContain(
      "does not serve",
    );
  });
});
