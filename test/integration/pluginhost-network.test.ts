import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Connection, services } from "@berth/verbs";
import { join } from "node:path";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  node = new TestNode();
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

const none = { deadline: undefined, signal: new AbortController().signal, trace: undefined };

function request(sandbox: string) {
  return {
    sandbox_id: sandbox,
    netns: `/tmp/ns-${sandbox}`,
    pod: { namespace: "default", name: "web", uid: "u1" },
    annotations: {},
    runtime_config: null,
  };
}

function notes(plugin: string): string[] {
  return node
    .stateFile(plugin, "notes.txt")
    .trim()
    .split("\n")
    .filter((line) => /^(add|del|gc)/.test(line));
}

describe("the host's network", () => {
  it("runs the chain in order and hands each the result before it, and in reverse to undo", async () => {
    const plugins = [
      wanted("one", "cni-notes"),
      wanted("two", "cni-notes", { config: { prefix: "10.9.9" } }),
    ];
    host.setDesired({ plugins, networkChain: ["one", "two"] });
    await seen(host, "one", isReady);
    await seen(host, "two", isReady);
    const answer = await host.network.attach("cri", request("s1"), none);
    expect(answer.made_by).toEqual(["cni-notes@0.1.0", "cni-notes@0.1.0"]);
    expect(answer.result?.ips?.[0]?.address).toBe("10.9.9.2/24");
    await host.network.detach({ sandbox_id: "s1", netns: "" });
    await host.network.detach({ sandbox_id: "s1", netns: "" });
    expect(notes("one")).toEqual(["add s1 after none", "del s1"]);
    expect(notes("two")).toEqual(["add s1 after another", "del s1"]);
  });

  it("answers a repeated attach from memory, across a restart of the host", async () => {
    const world = { plugins: [wanted("one", "cni-notes")] };
    host.setDesired(world);
    await seen(host, "one", isReady);
    const first = await host.network.attach("cri", request("s1"), none);
    await host.end("leave");
    host = node.start();
    host.setDesired(world);
    await seen(host, "one", isReady);
    const again = await host.network.attach("cri", request("s1"), none);
    expect(again.result?.ips?.[0]?.address).toBe(first.result?.ips?.[0]?.address);
    expect(notes("one").filter((line) => line.startsWith("add"))).toHaveLength(1);
    expect(notes("one")).toContain("gc s1");
  });

  it("undoes what a failed chain has done, and remembers nothing of it", async () => {
    const plugins = [wanted("one", "cni-notes"), wanted("two", "cni-notes", { config: { failAdd: true } })];
    host.setDesired({ plugins, networkChain: ["one", "two"] });
    await seen(host, "one", isReady);
    await seen(host, "two", isReady);
    await expect(host.network.attach("cri", request("s1"), none)).rejects.toThrow(
      /two: .*no address is free/,
    );
    expect(notes("one")).toEqual(["add s1 after none", "del s1"]);
    expect(host.network.stillValid("one").stillValid).toEqual([]);
  });

  it("releases sandboxes that their runtime does not have any more, but none made since it was asked", async () => {
    host.setDesired({ plugins: [wanted("one", "cni-notes")] });
    await seen(host, "one", isReady);
    await host.network.attach("cri", request("gone"), none);
    await host.network.attach("cri", request("kept"), none);
    await host.network.attach("other", request("foreign"), none);
    const asOf = Date.now() + 1;
    await host.network.retain("cri", new Set(["kept"]), asOf);
    expect(notes("one").filter((line) => line.startsWith("del"))).toEqual(["del gone"]);
    await host.network.retain("cri", new Set(), asOf - 60_000);
    expect(notes("one").filter((line) => line.startsWith("del"))).toEqual(["del gone"]);
  });

  it("does not choose among several networks by itself, and says so", async () => {
    host.setDesired({ plugins: [wanted("one", "cni-notes"), wanted("two", "cni-notes")] });
    await seen(host, "one", isReady);
    await seen(host, "two", isReady);
    expect(host.network.ready).toBe(false);
    expect(host.network.reason).toContain("one, two; name their order in spec.networkChain");
  });

  it("is not offered to a plugin that did not ask for it", async () => {
    host.setDesired({ plugins: [wanted("one", "cni-notes")] });
    await seen(host, "one", isReady);
    const connection = new Connection(`unix://${join(node.root, "run", "p", "one", "host.sock")}`);
    const answer = connection.client(services.hostNetwork).networkStatus({});
    await expect(answer).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    connection.dispose();
  });
});
