import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesiredPlugin, DesiredWorld, SetView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  // What does not start is given up soon, what starts has all the time that it needs.
  const restart = { baseMs: 1, capMs: 10, goodMs: 1e9, budget: 3, windowMs: 1e9 };
  node = new TestNode({ setBudgetMs: 60_000, numbers: { restart } });
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

const none = { deadline: undefined, signal: new AbortController().signal, trace: undefined };
const request = (id: string) => ({
  sandbox_id: id,
  netns: "/n",
  pod: null,
  annotations: {},
  runtime_config: null,
});
const attach = (id: string) => host.network.attach("cri", request(id), none);
const detach = (id: string) => host.network.detach({ sandbox_id: id, netns: "/n" });
const network = (name: string, config = {}) => wanted(name, "cni-notes", { config });

const old = network("old", { prefix: "10.1.1" });
const next = network("next", { prefix: "10.2.2" });

function world(name: string, plugins: DesiredPlugin[], others: DesiredPlugin[] = []): DesiredWorld {
  const names = plugins.map((plugin) => plugin.name);
  return { plugins, others, set: { name, revision: 1, plugins: names }, networkChain: names };
}

async function setBecomes(condition: (view: SetView) => boolean): Promise<SetView> {
  if (condition(host.set.view)) return host.set.view;
  const found = Promise.withResolvers<SetView>();
  const listening = host.set.onDidChange((view) => condition(view) && found.resolve(view));
  try {
    return await found.promise;
  } finally {
    await listening.dispose();
  }
}

async function oldInForce(): Promise<number> {
  host.setDesired(world("first", [old]));
  const { pid } = await seen(host, "old", isReady);
  return pid!;
}

describe("switching the set of a node", () => {
  it("changes over when the new set is ready; the old network serves what it attached until that is gone", async () => {
    const pid = await oldInForce();
    await attach("pod-of-old");
    host.setDesired(world("second", [next], [old]));
    await setBecomes(({ inForce }) => inForce?.name === "second");
    const draining = await seen(
      host,
      "old",
      ({ state, reason }) => state === "draining" && /\d/.test(reason),
    );
    expect(draining).toMatchObject({ pid, capabilities: [] });
    expect(draining.reason).toContain("serves what it made until that is gone: 1 attachment");
    const { result } = await attach("pod-of-next");
    expect(result?.ips?.[0]?.address).toBe("10.2.2.2/24");
    await detach("pod-of-old");
    await gone("old");
    expect(node.stateFile("old", "notes.txt")).toContain("del pod-of-old");
    expect((await seen(host, "next", isReady)).capabilities).toEqual(["network"]);
  });

  it("fails no attach and no detach while it changes over", async () => {
    await oldInForce();
    const failed: string[] = [];
    let number = 0;
    const calls: Promise<unknown>[] = [];
    const traffic = setInterval(() => {
      const id = `s${number++}`;
      calls.push(
        attach(id)
          .then(() => detach(id))
          .catch((error: Error) => failed.push(error.message)),
      );
    }, 10);
    host.setDesired(world("second", [next], [old]));
    await setBecomes(({ inForce }) => inForce?.name === "second");
    await gone("old");
    clearInterval(traffic);
    await Promise.all(calls);
    expect(failed).toEqual([]);
    expect(number).toBeGreaterThan(10);
  });

  it("leaves the old set serving when a plugin of the new one does not start, with the reason", async () => {
    const pid = await oldInForce();
    const broken = network("broken", { prefix: "10.3.3", refuseStart: true });
    host.setDesired(world("second", [next, broken], [old]));
    const { inForce, failed } = await setBecomes((view) => view.failed !== undefined);
    expect(inForce?.name).toBe("first");
    expect(failed).toMatchObject({ name: "second" });
    expect(failed?.reason).toMatch(/^broken is quarantined|^not ready within 60 s: broken is /);
    expect(failed?.reason).toContain("it was told to refuse");
    expect((await attach("pod")).result?.ips?.[0]?.address).toBe("10.1.1.2/24");
    expect(await seen(host, "old", isReady)).toMatchObject({ pid, capabilities: ["network"] });
    await gone("next");
    await gone("broken");
    host.setDesired(world("second", [next], [old]));
    await setBecomes((view) => view.inForce?.name === "second");
  });

  it("refuses a network whose addresses would be those of the one it replaces", async () => {
    await oldInForce();
    const same = network("same", { prefix: "10.1.1" });
    host.setDesired(world("second", [same], [old]));
    const { failed } = await setBecomes((view) => view.failed !== undefined);
    expect(failed?.reason).toContain("the address range 10.1.1.0/24 of same overlaps 10.1.1.0/24 of old");
    expect((await attach("pod")).result?.ips?.[0]?.address).toBe("10.1.1.2/24");
  });

  it("back again finds the old plugin where it was, without a start", async () => {
    const pid = await oldInForce();
    await attach("pod");
    host.setDesired(world("second", [next], [old]));
    await setBecomes(({ inForce }) => inForce?.name === "second");
    host.setDesired(world("first", [old], [next]));
    await setBecomes(({ inForce }) => inForce?.name === "first");
    expect(await seen(host, "old", isReady)).toMatchObject({ pid, incarnation: 1 });
    await gone("next");
  });

  it("outlives the core in both halves: the old set is still in force, and what drained still drains", async () => {
    await oldInForce();
    await attach("pod");
    host.setDesired(world("second", [next], [old]));
    await setBecomes(({ inForce }) => inForce?.name === "second");
    await host.end("leave");
    host = node.start();
    host.setDesired(world("second", [next], [old]));
    await seen(host, "old", ({ state, reason }) => state === "draining" && reason.includes("1 attachment"));
    await seen(host, "next", isReady);
    await host.end("leave");
    host = node.start();
    const broken = network("broken", { prefix: "10.3.3", refuseStart: true });
    host.setDesired(world("third", [broken], [old, next]));
    expect(host.set.view).toMatchObject({ inForce: { name: "second" }, preparing: { name: "third" } });
    await seen(host, "next", isReady);
    expect((await attach("another")).result?.ips?.[0]?.address).toMatch(/^10\.2\.2\./);
  });
});

async function gone(name: string): Promise<void> {
  if (!host.instances().some((view) => view.name === name)) return;
  const removed = Promise.withResolvers<void>();
  const listening = host.onDidRemove((other) => name === other && removed.resolve());
  await removed.promise;
  await listening.dispose();
}
