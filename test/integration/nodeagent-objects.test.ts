import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import type { Event, Plugin, PluginInstance } from "../../core/api/index.ts";
import {
  type ApiClient,
  clientOf,
  createEventRecorder,
  resources,
  waitFor,
} from "../../core/client/index.ts";
import { NodeAgent } from "../../core/nodeagent/node-agent.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { isReady, seen, standIns, type TestHost, TestNode } from "../support/pluginhost/test-host.ts";

let api: TestApiServer;
let admin: ApiClient;
let node: TestNode;
let host: TestHost;
let agent: NodeAgent;

beforeEach(async () => {
  api = await startTestApiServer();
  admin = await api.client("in-process", "admin", ["system:masters"]);
  node = new TestNode();
  host = node.start();
  const client = await api.client("in-process", `system:node:${node.name}`, ["system:nodes"]);
  const shared = { clock: systemClock, logger: silentLogger };
  const events = createEventRecorder({ client, component: "berth-node", host: node.name, ...shared });
  agent = new NodeAgent({ nodeName: node.name, api: client, host, events, ...shared });
});

afterEach(async () => {
  await agent.dispose();
  await host.end("teardown");
  node.remove();
  await api.dispose();
});

function plugin(name: string, spec: Partial<Plugin["spec"]> = {}): Plugin {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "Plugin",
    metadata: { name },
    spec: {
      contract: "cni",
      source: { path: join(standIns, "cni-notes") },
      dev: true,
      grants: ["events"],
      ...spec,
    },
  };
}

const plugins = () => clientOf(admin, resources.plugins);
const instances = () => clientOf(admin, resources.pluginInstances);

function instance(name: string, until: (object: PluginInstance | undefined) => boolean) {
  const signal = AbortSignal.timeout(60_000);
  return waitFor<PluginInstance>(instances(), `${name}.${node.name}`, until, { signal });
}

/** The event of that reason about an object; events are written when there is time for it. */
async function told(about: string, reason: string): Promise<Event> {
  const events = admin.resource<Event>({ group: "", version: "v1", resource: "events", namespaced: true });
  const signal = AbortSignal.timeout(60_000);
  for await (const seen of events.watch({ namespace: "default", resourceVersion: "0", signal })) {
    if (seen.type === "BOOKMARK" || seen.object.involvedObject.name !== about) continue;
    if (seen.object.reason === reason) return seen.object;
  }
  throw new Error(`there is no event ${reason} about ${about}`);
}

describe("an update that waits for its instance to be deleted", () => {
  it("says that it waits, comes when that happens, and not a second time", async () => {
    await plugins().create(plugin("notes", { updatePolicy: "OnDelete" }));
    await agent.start();
    const first = await instance("notes", (one) => one?.status?.state === "ready");
    const source = { path: join(standIns, "cni-notes-next") };
    await plugins().patch("notes", "merge", { spec: { source } });
    const updated = (one: PluginInstance | undefined) =>
      one?.status?.conditions?.find(({ type }) => type === "Updated");
    const waiting = await instance("notes", (one) => updated(one)?.status === "False");
    expect(updated(waiting)?.message).toBe(
      "the update from 0.1.0 to 0.2.0 waits until this PluginInstance is deleted",
    );
    expect(waiting?.status).toMatchObject({ pid: first?.status?.pid, version: "0.1.0" });
    await instances().delete(`notes.${node.name}`);
    const next = await instance(
      "notes",
      (one) => one?.status?.version === "0.2.0" && one.status.state === "ready",
    );
    expect(updated(next)?.status).toBe("True");
    expect(next?.status?.incarnation).toBe(2);
    await instances().delete(`notes.${node.name}`);
    const again = await instance(
      "notes",
      (one) => one !== undefined && one.metadata.uid !== next?.metadata.uid,
    );
    expect((again?.status ?? next?.status)?.incarnation).toBe(2);
    await plugins().patch("notes", "merge", { spec: { source: { path: join(standIns, "cni-notes") } } });
    const later = await instance("notes", (one) => updated(one)?.status === "False");
    expect(later?.status?.version).toBe("0.2.0");
  });
});

describe("the agent of a node", () => {
  it("brings up what a Plugin asks for and writes what has become of it", async () => {
    await plugins().create(plugin("notes"));
    await agent.start();
    const object = await instance("notes", (one) => one?.status?.state === "ready");
    expect(object).toMatchObject({
      metadata: { ownerReferences: [{ kind: "Plugin", name: "notes" }] },
      spec: { plugin: "notes", nodeName: node.name, contract: "cni" },
      status: { mode: "managed", capabilities: ["network"], incarnation: 1, unverified: true },
    });
    expect(object?.status?.pid).toBe(host.instances()[0]?.pid);
    const signal = AbortSignal.timeout(60_000);
    const summary = await waitFor<Plugin>(plugins(), "notes", (one) => one?.status?.ready === 1, { signal });
    expect(summary?.status).toMatchObject({ nodes: 1, conditions: [{ type: "Ready", status: "True" }] });
  });

  it("writes the cause of a crash, where describe shows it", async () => {
    await plugins().create(plugin("notes"));
    await agent.start();
    const { pid } = await seen(host, "notes", isReady);
    process.kill(pid!, "SIGKILL");
    const object = await instance(
      "notes",
      (one) => one?.status?.state === "ready" && one.status.incarnation === 2,
    );
    expect(object?.status).toMatchObject({ restarts: 1, lastCause: { message: "killed by SIGKILL", pid } });
  });

  it("says why a Plugin is refused, in its instance and in an event about it", async () => {
    await plugins().create(plugin("notes", { config: { prefx: "10.1.1" } }));
    await agent.start();
    const object = await instance("notes", (one) => one?.status?.state === "refused");
    expect(object?.status?.reason).toContain("unknown key prefx; did you mean prefix?");
    expect(await told("notes", "PluginRefused")).toMatchObject({
      type: "Warning",
      message: expect.stringContaining("did you mean prefix?") as string,
    });
  });

  it("takes the instance away with the Plugin", async () => {
    await plugins().create(plugin("notes"));
    await agent.start();
    await instance("notes", (one) => one?.status?.state === "ready");
    await plugins().delete("notes");
    await instance("notes", (one) => one === undefined);
    expect(host.instances()).toEqual([]);
  });

  it("removes instances of this node that nothing stands behind any more", async () => {
    await instances().create({
      apiVersion: "berth.dev/v1alpha1",
      kind: "PluginInstance",
      metadata: { name: `ghost.${node.name}` },
      spec: { plugin: "ghost", nodeName: node.name, contract: "csi" },
    });
    await agent.start();
    expect(await instance("ghost", (one) => one === undefined)).toBeUndefined();
  });

  it("follows a set: its plugins, its chain, and a name in it that nobody knows", async () => {
    await plugins().create(plugin("one"));
    await plugins().create(plugin("two"));
    await clientOf(admin, resources.pluginSets).create({
      apiVersion: "berth.dev/v1alpha1",
      kind: "PluginSet",
      metadata: { name: "set" },
      spec: { plugins: ["one", "two", "three"], networkChain: ["two", "one"] },
    });
    await agent.start();
    await seen(host, "one", isReady);
    await seen(host, "two", isReady);
    expect(host.network.ready).toBe(true);
    await told("set", "PluginMissing");
  });

  it("changes sets when the next one is ready, and tells each set what it is here", async () => {
    await plugins().create(plugin("one"));
    await plugins().create(plugin("two", { config: { prefix: "10.2.2" } }));
    const sets = clientOf(admin, resources.pluginSets);
    const named = (name: string, revision: number) => ({
      apiVersion: "berth.dev/v1alpha1" as const,
      kind: "PluginSet" as const,
      metadata: { name },
      spec: { plugins: [name], networkChain: [name], revision },
    });
    const becomes = async (name: string, reason: string) => {
      const signal = AbortSignal.timeout(60_000);
      const found = await waitFor(sets, name, (set) => set?.status?.conditions?.[0]?.reason === reason, {
        signal,
      });
      return found?.status;
    };
    await sets.create(named("one", 1));
    await agent.start();
    await becomes("one", "InForce");
    await sets.create(named("two", 2));
    expect(await becomes("two", "InForce")).toMatchObject({
      nodes: 1,
      onNodes: [{ node: node.name, state: "InForce", revision: 2 }],
    });
    expect(await becomes("one", "NotChosen")).toMatchObject({ nodes: 0 });
    await instance("one", (object) => object === undefined);
    await plugins().create(plugin("three", { config: { prefx: "10.3.3" } }));
    await sets.create(named("three", 3));
    const failed = await becomes("three", "SwitchFailed");
    expect(failed?.conditions?.[0]?.message).toContain("did you mean prefix?");
    expect((await told("three", "SetFailed")).message).toContain("set two keeps serving");
  });
});
