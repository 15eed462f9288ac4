import { FakeClock } from "@berth/base";
import { describe, expect, it } from "vitest";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { DesiredPlugin, DesiredWorld, PluginView } from "../contracts/plugin-host.ts";
import type { PluginState } from "../contracts/plugin-types.ts";
import { overlappingRanges } from "./overlapping-ranges.ts";
import { SetKeeper, type SetRecord } from "./set-keeper.ts";

function setUp() {
  const clock = new FakeClock();
  const kept = new Map<string, SetRecord>();
  const memory = {
    get: (key: string) => kept.get(key),
    put: (key: string, value: SetRecord) => void kept.set(key, value),
  } as Bucket<SetRecord>;
  const keeper = () => new SetKeeper({ memory, clock, budgetMs: 60_000 });
  return { clock, keeper };
}

const plugin = (name: string, config = {}): DesiredPlugin => ({
  name,
  generation: 1,
  spec: { contract: "cni", source: { path: `/${name}` }, config },
});

function world(name: string, plugins: string[], others: string[] = [], more = {}): DesiredWorld {
  return {
    plugins: plugins.map((one) => plugin(one)),
    others: others.map((one) => plugin(one)),
    set: { name, revision: 1, plugins },
    ...more,
  };
}

const view = (name: string, state: PluginState, reason = "", facts = {}) =>
  ({ name, state, reason, facts }) as PluginView;

const roles = (keeper: SetKeeper) =>
  Object.fromEntries(keeper.present.plugins.map(({ desired, role }) => [desired.name, role]));

describe("the set of a node", () => {
  it("is in force at once where none was", () => {
    const keeper = setUp().keeper();
    keeper.want({ plugins: [] });
    keeper.want(world("old", ["a", "b"]));
    expect(keeper.view.inForce).toEqual({ name: "old", revision: 1 });
    expect(roles(keeper)).toEqual({ a: "serving", b: "serving" });
  });

  it("is replaced in one step once all of the next one is ready; what it alone had leaves", () => {
    const keeper = setUp().keeper();
    keeper.want(world("old", ["a", "b"], [], { networkChain: ["b"] }));
    keeper.want(world("new", ["a", "c"], ["b"], { networkChain: ["c"] }));
    expect(roles(keeper)).toEqual({ a: "serving", b: "serving", c: "preparing" });
    expect(keeper.look([view("a", "ready"), view("b", "ready"), view("c", "starting", "hello")])).toBe(false);
    expect(keeper.present.networkChain).toEqual(["b"]);
    expect(keeper.view).toMatchObject({
      inForce: { name: "old" },
      preparing: { reason: "c is starting (hello)" },
    });
    expect(keeper.look([view("a", "ready"), view("b", "ready"), view("c", "ready")])).toBe(true);
    expect(roles(keeper)).toEqual({ a: "serving", b: "leaving", c: "serving" });
    expect(keeper.present.networkChain).toEqual(["c"]);
    expect(keeper.view).toEqual({ inForce: { name: "new", revision: 1 } });
    keeper.gone("b");
    expect(roles(keeper)).toEqual({ a: "serving", c: "serving" });
  });

  it("stays when a plugin of the next one is refused, and is not tried again before something changes", () => {
    const keeper = setUp().keeper();
    keeper.want(world("old", ["a"]));
    keeper.want(world("new", ["c"], ["a"]));
    expect(keeper.look([view("a", "ready"), view("c", "refused", "wrong digest")])).toBe(true);
    expect(keeper.view).toMatchObject({
      inForce: { name: "old" },
      failed: { name: "new", reason: "c is refused (wrong digest)" },
    });
    expect(roles(keeper)).toEqual({ a: "serving", c: "leaving" });
    keeper.gone("c");
    keeper.want(world("new", ["c"], ["a"]));
    expect(roles(keeper)).toEqual({ a: "serving" });
    keeper.want({ ...world("new", ["c"], ["a"]), plugins: [plugin("c", { mended: true })] });
    expect(roles(keeper)).toEqual({ a: "serving", c: "preparing" });
    expect(keeper.view.failed).toBeUndefined();
  });

  it("stays when the next one is not ready in time, with who was not and why", async () => {
    const { clock, keeper: make } = setUp();
    const keeper = make();
    keeper.want(world("old", ["a"]));
    keeper.want(world("new", ["c"], ["a"]));
    await clock.advance(59_999);
    expect(keeper.look([view("c", "backoff", "exit code 3")])).toBe(false);
    await clock.advance(1);
    expect(keeper.look([view("c", "backoff", "exit code 3")])).toBe(true);
    expect(keeper.view.failed?.reason).toBe("not ready within 60 s: c is backoff (exit code 3)");
  });

  it("is still the old one for a core that starts in the middle of a switch", () => {
    const { keeper } = setUp();
    keeper().want(world("old", ["a"]));
    const heir = keeper();
    heir.want(world("new", ["c"], ["a"]));
    expect(roles(heir)).toEqual({ c: "preparing", a: "serving" });
    expect(heir.view.inForce?.name).toBe("old");
  });

  it("comes back without a start when it is wanted again before its plugins have left", () => {
    const keeper = setUp().keeper();
    keeper.want(world("old", ["a"]));
    keeper.want(world("new", ["c"], ["a"]));
    keeper.look([view("a", "ready"), view("c", "ready")]);
    keeper.want(world("old", ["a"], ["c"]));
    keeper.look([view("a", "ready"), view("c", "ready")]);
    expect(roles(keeper)).toEqual({ a: "serving", c: "leaving" });
  });

  it("waits for a Plugin that nobody has made, and leaves those alone that no set names", () => {
    const keeper = setUp().keeper();
    const free = plugin("free");
    keeper.want(world("old", ["a"]));
    keeper.want({ ...world("new", ["c"], ["a"]), plugins: [free] });
    expect(keeper.look([view("a", "ready")])).toBe(false);
    expect(keeper.view.preparing?.reason).toBe("there is no Plugin c for this node");
    expect(roles(keeper)).toMatchObject({ free: "serving", a: "serving" });
  });

  it("does not give way to a network whose addresses it still uses", () => {
    const keeper = setUp().keeper();
    keeper.want(world("old", ["a"]));
    keeper.want(world("new", ["c"], ["a"]));
    const a = view("a", "ready", "", { ranges: "fd00::/64, 10.88.0.0/16" });
    keeper.look([a, view("c", "ready", "", { ranges: "10.88.128.0/20" })]);
    expect(keeper.view.failed?.reason).toContain(
      "the address range 10.88.128.0/20 of c overlaps 10.88.0.0/16 of a",
    );
  });
});

describe("address ranges", () => {
  const ranged = (ranges: string) => [{ name: "n", facts: { ranges } }];
  it.each([
    ["10.0.0.0/8", "10.255.0.0/16", true],
    ["10.88.0.0/16", "10.89.0.0/16", false],
    ["10.88.0.0/15", "10.89.0.0/16", true],
    ["0.0.0.0/0", "192.168.1.0/24", true],
    ["fd00::/64", "fd00:0:0:1::/64", false],
    ["fd00::/48", "fd00:0:0:1::/64", true],
    ["10.0.0.0/8", "fd00::/8", false],
    ["whatever it says", "10.0.0.0/8", false],
  ])("%s and %s overlap: %s", (a, b, expected) => {
    expect(overlappingRanges(ranged(a), ranged(b)) !== undefined).toBe(expected);
  });
});
