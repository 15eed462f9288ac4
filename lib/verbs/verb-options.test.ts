import { expect, it } from "vitest";
import { loadContract } from "@berth/proto";
import { laneKey, verbsOf } from "./verb-options.ts";

it("reads of each verb what its contract says", () => {
  const add = verbsOf(loadContract("cni"), "berth.cni.v1.NetworkPlugin").find(({ key }) => key === "add");
  expect(add).toMatchObject({
    name: "berth.cni.v1.NetworkPlugin/Add",
    options: {
      deadlineMs: 30_000,
      stallMs: 0,
      idempotent: true,
      readOnly: false,
      lane: ["attachment", "container_id"],
    },
  });
});

it("finds a lane's key down a path, and none where the message or the value is absent", () => {
  const path = ["attachment", "container_id"];
  expect(laneKey({ attachment: { container_id: "a" } }, path)).toBe("a");
  expect(laneKey({ attachment: null }, path)).toBeUndefined();
  expect(laneKey({ attachment: { container_id: "" } }, path)).toBeUndefined();
});
