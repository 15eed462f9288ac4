import { FakeClock } from "@berth/base";
import { describe, expect, it } from "vitest";
import { FakeRuntime } from "../../../test/support/fake-runtime/fake-runtime.ts";
import { makePod, makeWorld, type World } from "../../../test/support/fake-runtime/pod-world.ts";
import { VerbError } from "../../pluginhost/contracts/index.ts";

describe("an image", () => {
  const failure = new VerbError("fake: PullImage", "NOT_FOUND", "no such image", { retryable: false });
  const waitingOf = (world: World) =>
    world.status().containerStatuses?.map(({ state }) => state?.waiting?.reason);
  const pulls = (world: World): number =>
    world.runtime.calls.filter((call) => call.startsWith("pullImage")).length;
  const makeHungry = (): World => {
    const clock = new FakeClock();
    const containers = ["app", "other"].map((name) => ({ name, image: "hello:1" }));
    const world = makeWorld(makePod({ containers }), { clock, runtime: new FakeRuntime(clock) });
    world.runtime.failures.set("pullImage", failure);
    return world;
  };

  it("that cannot be pulled is told with the registry's words and tried again with back-off", async () => {
    const world = makeHungry();
    await world.settle();
    expect(world.status().containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: "ErrImagePull",
      message: "no such image",
    });
    await world.clock.advance(1);
    await world.settle();
    expect(waitingOf(world)).toEqual(["ImagePullBackOff", "ImagePullBackOff"]);
    expect(pulls(world)).toBe(1);
    await world.clock.advance(10_000);
    await world.settle();
    expect(pulls(world)).toBe(2);
    world.runtime.failures.clear();
    await world.clock.advance(19_000);
    expect(pulls(world)).toBe(2);
    await world.clock.advance(1_000);
    await world.settle();
    expect(world.status().phase).toBe("Running");
  });

  it("that turns up by an import is used at once, although its pull backs off", async () => {
    const world = makeHungry();
    await world.settle();
    await world.clock.advance(1);
    await world.settle();
    world.runtime.images.set("hello:1", {});
    world.worker.tryHeld();
    await world.settle();
    expect(world.status().phase).toBe("Running");
    expect(pulls(world)).toBe(1);
  });
});
