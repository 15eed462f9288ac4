import { expect, it } from "vitest";
import type { CsiDriver } from "../contracts/csi-drivers.ts";
import { sharedDriver } from "./shared-driver.ts";

function server(plugin: string, held: boolean, volumes: string[]) {
  const told = (verb: string) => (request: { volume_id?: string }) =>
    `${plugin} ${verb} ${request.volume_id}`;
  const driver = {
    name: "d",
    plugin,
    ready: true,
    node: { nodePublishVolume: told("publish") },
    controller: { createVolume: told("create"), deleteVolume: told("delete"), capabilities: new Set(["X"]) },
  } as unknown as CsiDriver;
  return { driver, held, has: (volume: string) => volumes.includes(volume) };
}

it("sends each volume to the plugin that made it and all that is new to the one in force", async () => {
  const shared = sharedDriver([server("old", true, ["v1"]), server("next", false, ["v2"])]);
  expect(shared.plugin).toBe("next");
  expect(await shared.node.nodePublishVolume({ volume_id: "v1" })).toBe("old publish v1");
  expect(await shared.node.nodePublishVolume({ volume_id: "v2" })).toBe("next publish v2");
  expect(await shared.node.nodePublishVolume({ volume_id: "of nobody" })).toBe("next publish of nobody");
  expect(await shared.controller!.deleteVolume({ volume_id: "v1" })).toBe("old delete v1");
  expect(await shared.controller!.createVolume({})).toBe("next create undefined");
  expect(shared.controller!.capabilities.has("X")).toBe(true);
});

it("is the old plugin's as long as the next one is only being prepared", async () => {
  const shared = sharedDriver([server("next", true, []), server("old", false, ["v1"])]);
  expect(shared.plugin).toBe("old");
  expect(await shared.controller!.createVolume({})).toBe("old create undefined");
});
